package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

func typedErrors(w *world) {
	opts := hcloud.ServerCreateOpts{
		Name:       "not a hostname",
		ServerType: &hcloud.ServerType{Name: "cpx22"},
		Image:      &hcloud.Image{Name: "debian-12"},
		Location:   &hcloud.Location{Name: "hel1"},
	}
	_, _, err := w.client.Server.Create(w.ctx, opts)
	wantCode(err, hcloud.ErrorCodeInvalidInput)
	var invalid hcloud.Error
	check(errors.As(err, &invalid), "not an API error: %v", err)
	details, ok := invalid.Details.(hcloud.ErrorDetailsInvalidInput)
	check(ok && details.Fields[0].Name == "name" && len(details.Fields[0].Messages) > 0, "details: %v", invalid.Details)
	check(strings.Contains(err.Error(), invalid.Response().Header.Get("X-Correlation-Id")), "no correlation id in %v", err)

	_, err = w.client.Server.Delete(w.ctx, &hcloud.Server{ID: 1})
	wantCode(err, hcloud.ErrorCodeNotFound)
	_, _, err = w.client.Datacenter.List(w.ctx, hcloud.DatacenterListOpts{})
	wantCode(err, hcloud.ErrorDeprecatedAPIEndpoint)

	w.console("/knobs", `{"availability":{"server_type":"cpx22","location":"hel1","available":false}}`)
	opts.Name = "hostname"
	_, _, err = w.client.Server.Create(w.ctx, opts)
	wantCode(err, hcloud.ErrorCodeResourceUnavailable)
	w.console("/knobs", `{"availability":{"server_type":"cpx22","location":"hel1","available":true}}`)
	opts.Location = &hcloud.Location{Name: "hil"}
	_, _, err = w.client.Server.Create(w.ctx, opts)
	wantCode(err, hcloud.ErrorCodeInvalidInput)

	server := newServer(w, "locked", nil)
	action := must(w.client.Server.Poweroff(w.ctx, server))
	w.console("/knobs", `{"lock_server":{"server":`+itoa(server.ID)+`,"seconds":60}}`)
	_, _, err = w.client.Server.Poweron(w.ctx, server)
	wantCode(err, hcloud.ErrorCodeLocked)
	w.console("/knobs", `{"unlock_server":`+itoa(server.ID)+`}`)
	w.wait(action)
	w.wait(must(w.client.Server.ChangeProtection(
		w.ctx, server, hcloud.ServerChangeProtectionOpts{Delete: hcloud.Ptr(true), Rebuild: hcloud.Ptr(true)})))
	_, _, err = w.client.Server.DeleteWithResult(w.ctx, server)
	wantCode(err, hcloud.ErrorCodeProtected)
	w.wait(must(w.client.Server.ChangeProtection(
		w.ctx, server, hcloud.ServerChangeProtectionOpts{Delete: hcloud.Ptr(false), Rebuild: hcloud.Ptr(false)})))
	deleteServer(w, server)
}

// The SDK repeats requests after these by itself, so a create succeeds in spite of them.
func retries(w *world) {
	for i, fault := range []string{
		`{"effect":"fail","status":409,"code":"conflict"}`,
		`{"effect":"fail","status":429,"code":"rate_limit_exceeded"}`,
		`{"effect":"fail","status":502,"code":"bad_gateway"}`,
		`{"effect":"html","status":502}`,
		`{"effect":"html","status":504}`,
	} {
		w.console("/faults", strings.Replace(fault, "{", `{"method":"POST","path":"/placement_groups","times":2,`, 1))
		g := group(w, "retried-"+itoa(int64(i)))
		_, err := w.client.PlacementGroup.Delete(w.ctx, g)
		noError(err)
	}
	// A repeated create whose first answer was lost meets its own name: names are what makes repeating safe.
	w.console("/faults", `{"method":"POST","path":"/placement_groups","effect":"lose_answer","by":"504"}`)
	opts := hcloud.PlacementGroupCreateOpts{Name: "lost", Type: hcloud.PlacementGroupTypeSpread}
	_, _, err := w.client.PlacementGroup.Create(w.ctx, opts)
	wantCode(err, hcloud.ErrorCodeUniquenessError)
	lost := must(w.client.PlacementGroup.GetByName(w.ctx, "lost"))
	check(lost != nil, "the group whose answer was lost is not there")
	_, err = w.client.PlacementGroup.Delete(w.ctx, lost)
	noError(err)
	// Not repeated: the caller has to know.
	w.console("/faults", `{"method":"GET","path":"/servers","effect":"fail","status":503,"code":"unavailable"}`)
	_, _, err = w.client.Server.List(w.ctx, hcloud.ServerListOpts{})
	wantCode(err, "unavailable")
}

func failedActions(w *world) {
	w.console("/knobs", `{"fail_actions":{"command":"start_server","code":"action_failed","message":"no luck"}}`)
	result := must(w.client.Server.Create(w.ctx, hcloud.ServerCreateOpts{
		Name:       "unlucky",
		ServerType: &hcloud.ServerType{Name: "cpx22"},
		Image:      must(w.client.Image.GetByNameAndArchitecture(w.ctx, "debian-12", hcloud.ArchitectureX86)),
		Location:   &hcloud.Location{Name: "hel1"},
	}))
	w.wait(result.Action)
	failed := asActionError(w.client.Action.WaitFor(w.ctx, result.NextActions...))
	check(failed.Code == "action_failed", "the code is %s", failed.Code)
	server := must(w.client.Server.GetByID(w.ctx, result.Server.ID))
	check(server.Status == hcloud.ServerStatusOff, "the server is %s", server.Status)
	deleteServer(w, server)
	finished, err := w.client.Action.AllWithOpts(w.ctx, hcloud.ActionListOpts{ID: []int64{result.Action.ID, result.NextActions[0].ID}})
	noError(err)
	check(len(finished) == 2, "%d of 2 actions of a deleted server", len(finished))
}

func itoa(n int64) string {
	return strconv.FormatInt(n, 10)
}
