// Conformance does, with Hetzner's own SDK and nothing else, what programs ordinarily do on Hetzner Cloud, and checks what
// it sees. It cannot tell whether the other side is Hetzner or the simulator, except where a flow needs a fault: those ask
// the simulator's console for one.
//
// It reads HCLOUD_ENDPOINT, HCLOUD_TOKEN and CONSOLE (the simulator's /_console), prints a line a flow, and exits with 1
// when one failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

type world struct {
	ctx    context.Context
	client *hcloud.Client
}

type flow struct {
	name string
	run  func(w *world)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	w := &world{ctx: ctx, client: client(os.Getenv("HCLOUD_TOKEN"))}
	flows := []flow{
		{"tokens", tokens},
		{"catalogue", catalogue},
		{"ssh keys", sshKeys},
		{"paging", paging},
		{"labels", labels},
		{"firewalls", firewalls},
		{"volumes", volumes},
		{"a server's life", serverLife},
		{"primary IPs", primaryIPs},
		{"typed errors", typedErrors},
		{"retries", retries},
		{"failed actions", failedActions},
	}
	failed := 0
	for _, f := range flows {
		if err := attempt(f, w); err != nil {
			failed++
			fmt.Printf("FAILED %s: %v\n", f.name, err)
		} else {
			fmt.Printf("ok     %s\n", f.name)
		}
	}
	if failed > 0 {
		os.Exit(1)
	}
}

func client(token string) *hcloud.Client {
	return hcloud.NewClient(
		hcloud.WithEndpoint(os.Getenv("HCLOUD_ENDPOINT")),
		hcloud.WithToken(token),
		hcloud.WithApplication("anchorhold-conformance", "1"),
		hcloud.WithPollOpts(hcloud.PollOpts{BackoffFunc: hcloud.ConstantBackoff(20 * time.Millisecond)}),
		hcloud.WithRetryOpts(hcloud.RetryOpts{BackoffFunc: hcloud.ConstantBackoff(20 * time.Millisecond), MaxRetries: 5}),
	)
}

// failure is what a check panics with; attempt makes an error of it, so that flows read without error handling.
type failure struct{ error }

func attempt(f flow, w *world) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			if failed, ok := caught.(failure); ok {
				err = failed.error
				return
			}
			panic(caught)
		}
	}()
	f.run(w)
	return nil
}

func check(ok bool, format string, args ...any) {
	if !ok {
		panic(failure{fmt.Errorf(format, args...)})
	}
}

func noError(err error) {
	check(err == nil, "unexpected error: %v", err)
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
	response, err := http.Post(os.Getenv("CONSOLE")+path, "application/json", strings.NewReader(body))
	noError(err)
	defer response.Body.Close()
	check(response.StatusCode == 200, "the console answered %d", response.StatusCode)
}

func asActionError(err error) hcloud.ActionError {
	var actionError hcloud.ActionError
	check(errors.As(err, &actionError), "expected a failed action, got %v", err)
	return actionError
}
