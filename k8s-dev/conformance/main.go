// Conformance does, with Hetzner's own SDK and nothing else, what programs ordinarily do on Hetzner Cloud, and checks what
// it sees. It cannot tell whether the other side is Hetzner or the simulator, except where a flow needs a fault: those ask
// the simulator's console for one.
//
// It reads HCLOUD_ENDPOINT, HETZNER_ENDPOINT, HCLOUD_TOKEN and CONSOLE (the simulator's /_console), and ANCHORHOLD_SPEED (how many
// times faster than in the real cloud actions are; its patience follows). It prints a line for each flow, and exits with 1 when one failed.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"anchorhold.dev/conformance/flow"
	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

type world struct {
	ctx    context.Context
	client *hcloud.Client
}

var (
	check   = flow.Check
	noError = flow.NoError
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute+flow.AtPace(time.Hour))
	defer cancel()
	w := &world{ctx: ctx, client: client(os.Getenv("HCLOUD_TOKEN"))}
	failed := flow.All(w, []flow.Flow[*world]{
		{Name: "tokens", Run: tokens},
		{Name: "catalogue", Run: catalogue},
		{Name: "ssh keys", Run: sshKeys},
		{Name: "paging", Run: paging},
		{Name: "labels", Run: labels},
		{Name: "firewalls", Run: firewalls},
		{Name: "volumes", Run: volumes},
		{Name: "a server's life", Run: serverLife},
		{Name: "primary IPs", Run: primaryIPs},
		{Name: "typed errors", Run: typedErrors},
		{Name: "retries", Run: retries},
		{Name: "failed actions", Run: failedActions},
	})
	if failed > 0 {
		os.Exit(1)
	}
}

func client(token string) *hcloud.Client {
	boxes := os.Getenv("HETZNER_ENDPOINT")
	check(boxes != "", "HETZNER_ENDPOINT is not set: storage boxes would be asked for at the real cloud")
	poll := max(20*time.Millisecond, flow.AtPace(2*time.Second))
	return hcloud.NewClient(
		hcloud.WithEndpoint(os.Getenv("HCLOUD_ENDPOINT")),
		hcloud.WithHetznerEndpoint(boxes),
		hcloud.WithToken(token),
		hcloud.WithApplication("anchorhold-conformance", "1"),
		hcloud.WithPollOpts(hcloud.PollOpts{BackoffFunc: hcloud.ConstantBackoff(poll)}),
		hcloud.WithRetryOpts(hcloud.RetryOpts{BackoffFunc: hcloud.ConstantBackoff(20 * time.Millisecond), MaxRetries: 5}),
	)
}

// must takes the three results of most SDK calls.
func must[T any](value T, _ *hcloud.Response, err error) T {
	noError(err)
	return value
}

func wantCode(err error, code hcloud.ErrorCode) {
	check(hcloud.IsError(err, code), "expected %s, got %v", code, err)
}

func (w *world) wait(actions ...*hcloud.Action) {
	noError(w.client.Action.WaitFor(w.ctx, actions...))
}

func (w *world) console(path, body string) {
	flow.Console(path, body)
}

func asActionError(err error) hcloud.ActionError {
	var actionError hcloud.ActionError
	check(errors.As(err, &actionError), "expected a failed action, got %v", err)
	return actionError
}
