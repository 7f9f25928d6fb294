// Cloudflare does, with Cloudflare's own SDK and nothing else, what programs ordinarily do with tunnels and their DNS records,
// and checks what it sees. It cannot tell whether the other side is Cloudflare or the simulator, except where a flow needs a
// connector or a fault: those ask the simulator's console for one.
//
// It reads CLOUDFLARE_BASE_URL, CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, ZONE (a name) and CONSOLE (the simulator's
// /_console), prints a line for each flow, and exits with 1 when one failed.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"anchorhold.dev/conformance/flow"
	"github.com/cloudflare/cloudflare-go/v6"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/zones"
)

type world struct {
	ctx     context.Context
	client  *cloudflare.Client
	account string
	zone    string
}

var (
	check   = flow.Check
	noError = flow.NoError
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	w := &world{ctx: ctx, client: cloudflare.NewClient(), account: os.Getenv("CLOUDFLARE_ACCOUNT_ID")}
	failed := flow.All(w, []flow.Flow[*world]{
		{Name: "the zone by its name", Run: zoneByName},
		{Name: "tokens", Run: tokens},
		{Name: "a tunnel's life", Run: tunnelLife},
		{Name: "paging", Run: paging},
		{Name: "a configuration", Run: configuration},
		{Name: "connections", Run: connections},
		{Name: "a record's life", Run: recordLife},
		{Name: "filters", Run: filters},
		{Name: "a batch", Run: batch},
		{Name: "typed errors", Run: typedErrors},
		{Name: "retries", Run: retries},
	})
	if failed > 0 {
		os.Exit(1)
	}
}

func must[T any](value T, err error) T {
	noError(err)
	return value
}

// wantCode checks the status and the code of an error, and that the SDK could read it.
func wantCode(err error, status int, code int64) {
	var refused *cloudflare.Error
	check(errors.As(err, &refused), "expected error %d, got %v", code, err)
	check(refused.StatusCode == status, "expected status %d, got %d", status, refused.StatusCode)
	check(len(refused.Errors) == 1 && refused.Errors[0].Code == code, "expected code %d, got %v", code, refused.Errors)
	check(refused.Errors[0].Message != "", "error %d says nothing", code)
}

func zoneByName(w *world) {
	found := must(w.client.Zones.List(w.ctx, zones.ZoneListParams{Name: cloudflare.F(os.Getenv("ZONE"))}))
	check(len(found.Result) == 1, "%d zones of that name", len(found.Result))
	check(found.Result[0].Account.ID == w.account, "the zone belongs to %s", found.Result[0].Account.ID)
	w.zone = found.Result[0].ID
	zone := must(w.client.Zones.Get(w.ctx, zones.ZoneGetParams{ZoneID: cloudflare.F(w.zone)}))
	check(zone.Name == os.Getenv("ZONE") && zone.Status == zones.ZoneStatusActive, "the zone is %+v", zone)
}

func tokens(w *world) {
	verified := must(w.client.User.Tokens.Verify(w.ctx))
	check(string(verified.Status) == "active", "the token is %s", verified.Status)
	stranger := cloudflare.NewClient(option.WithAPIToken("unknown-unknown-unknown-unknown-unknown-"))
	_, err := stranger.User.Tokens.Verify(w.ctx)
	wantCode(err, 401, 1000)
	_, err = stranger.Zones.List(w.ctx, zones.ZoneListParams{})
	wantCode(err, 403, 9109)
}
