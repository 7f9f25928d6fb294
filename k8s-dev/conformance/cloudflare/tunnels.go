package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"anchorhold.dev/conformance/flow"
	"github.com/cloudflare/cloudflare-go/v6"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/shared"
	"github.com/cloudflare/cloudflare-go/v6/zero_trust"
)

func newTunnel(w *world, name string) *shared.CloudflareTunnel {
	return must(w.client.ZeroTrust.Tunnels.Cloudflared.New(w.ctx, zero_trust.TunnelCloudflaredNewParams{
		AccountID: cloudflare.F(w.account),
		Name:      cloudflare.F(name),
		ConfigSrc: cloudflare.F(zero_trust.TunnelCloudflaredNewParamsConfigSrcCloudflare),
	}))
}

func getTunnel(w *world, id string) *shared.CloudflareTunnel {
	return must(w.client.ZeroTrust.Tunnels.Cloudflared.Get(
		w.ctx, id, zero_trust.TunnelCloudflaredGetParams{AccountID: cloudflare.F(w.account)}))
}

func deleteTunnel(w *world, id string) error {
	_, err := w.client.ZeroTrust.Tunnels.Cloudflared.Delete(
		w.ctx, id, zero_trust.TunnelCloudflaredDeleteParams{AccountID: cloudflare.F(w.account)})
	return err
}

func tokenOf(w *world, id string) string {
	return *must(w.client.ZeroTrust.Tunnels.Cloudflared.Token.Get(
		w.ctx, id, zero_trust.TunnelCloudflaredTokenGetParams{AccountID: cloudflare.F(w.account)}))
}

func tunnelLife(w *world) {
	tunnel := newTunnel(w, "conformance")
	check(tunnel.Status == shared.CloudflareTunnelStatusInactive, "a new tunnel is %s", tunnel.Status)
	check(tunnel.DeletedAt.IsZero() && !tunnel.CreatedAt.IsZero(), "the times are %v, %v", tunnel.CreatedAt, tunnel.DeletedAt)
	check(tunnel.ConfigSrc == shared.CloudflareTunnelConfigSrcCloudflare, "it is configured by %s", tunnel.ConfigSrc)
	before := tokenOf(w, tunnel.ID)
	plain := string(must(base64.StdEncoding.DecodeString(before)))
	check(strings.Contains(plain, tunnel.ID) && strings.Contains(plain, w.account), "the token says %d bytes", len(plain))
	must(w.client.ZeroTrust.Tunnels.Cloudflared.Edit(w.ctx, tunnel.ID, zero_trust.TunnelCloudflaredEditParams{
		AccountID:    cloudflare.F(w.account),
		TunnelSecret: cloudflare.F(base64.StdEncoding.EncodeToString(make([]byte, 32))),
	}))
	check(tokenOf(w, tunnel.ID) != before, "the token outlived its secret")
	noError(deleteTunnel(w, tunnel.ID))
	check(!getTunnel(w, tunnel.ID).DeletedAt.IsZero(), "a deleted tunnel has no deleted_at")
	again := newTunnel(w, "conformance")
	check(again.ID != tunnel.ID, "the name came back with its id")
	noError(deleteTunnel(w, again.ID))
}

func paging(w *world) {
	for i := range 7 {
		newTunnel(w, fmt.Sprintf("page-%d", i))
	}
	list := func(params zero_trust.TunnelCloudflaredListParams) []string {
		params.AccountID = cloudflare.F(w.account)
		pages := w.client.ZeroTrust.Tunnels.Cloudflared.ListAutoPaging(w.ctx, params)
		var ids []string
		for pages.Next() {
			ids = append(ids, pages.Current().ID)
		}
		noError(pages.Err())
		return ids
	}
	all := list(zero_trust.TunnelCloudflaredListParams{
		IncludePrefix: cloudflare.F("page-"), IsDeleted: cloudflare.F(false), PerPage: cloudflare.F(3.0)})
	check(len(all) == 7, "%d of 7 over pages of 3", len(all))
	one := list(zero_trust.TunnelCloudflaredListParams{Name: cloudflare.F("page-3")})
	check(len(one) == 1, "%d tunnels of one name", len(one))
	for _, id := range all {
		noError(deleteTunnel(w, id))
	}
	left := list(zero_trust.TunnelCloudflaredListParams{IncludePrefix: cloudflare.F("page-")})
	check(len(left) == 0, "deleted tunnels are listed unasked: %d", len(left))
	gone := list(zero_trust.TunnelCloudflaredListParams{IncludePrefix: cloudflare.F("page-"), IsDeleted: cloudflare.F(true)})
	check(len(gone) == 7, "%d of 7 deleted tunnels", len(gone))
}

func configuration(w *world) {
	tunnel := newTunnel(w, "configured")
	rule := func(hostname, service string) zero_trust.TunnelCloudflaredConfigurationUpdateParamsConfigIngress {
		made := zero_trust.TunnelCloudflaredConfigurationUpdateParamsConfigIngress{Service: cloudflare.F(service)}
		if hostname != "" {
			made.Hostname = cloudflare.F(hostname)
		}
		return made
	}
	put := func(rules ...zero_trust.TunnelCloudflaredConfigurationUpdateParamsConfigIngress) (
		*zero_trust.TunnelCloudflaredConfigurationUpdateResponse, error) {
		return w.client.ZeroTrust.Tunnels.Cloudflared.Configurations.Update(
			w.ctx, tunnel.ID, zero_trust.TunnelCloudflaredConfigurationUpdateParams{
				AccountID: cloudflare.F(w.account),
				Config: cloudflare.F(zero_trust.TunnelCloudflaredConfigurationUpdateParamsConfig{
					Ingress: cloudflare.F(rules)}),
			})
	}
	first := must(put(rule("app.example.com", "http://localhost:8080"), rule("", "http_status:404")))
	check(first.TunnelID == tunnel.ID && first.Config.Ingress[0].Hostname == "app.example.com", "it is %+v", first)
	second := must(put(rule("", "http_status:404")))
	check(second.Version == first.Version+1, "version %d came after %d", second.Version, first.Version)
	read := must(w.client.ZeroTrust.Tunnels.Cloudflared.Configurations.Get(
		w.ctx, tunnel.ID, zero_trust.TunnelCloudflaredConfigurationGetParams{AccountID: cloudflare.F(w.account)}))
	check(len(read.Config.Ingress) == 1 && read.Version == second.Version, "what is read is %+v", read)
	_, err := put(rule("app.example.com", "http://localhost:8080"))
	wantCode(err, 400, 1056)
	noError(deleteTunnel(w, tunnel.ID))
}

func connections(w *world) {
	tunnel := newTunnel(w, "connected")
	flow.Console("/knobs", `{"reconnect_after":3600,"connect":"`+tokenOf(w, tunnel.ID)+`"}`)
	check(getTunnel(w, tunnel.ID).Status == shared.CloudflareTunnelStatusHealthy, "a connected tunnel is not healthy")
	connectors := must(w.client.ZeroTrust.Tunnels.Cloudflared.Connections.Get(
		w.ctx, tunnel.ID, zero_trust.TunnelCloudflaredConnectionGetParams{AccountID: cloudflare.F(w.account)})).Result
	check(len(connectors) == 1 && len(connectors[0].Conns) == 4, "the connectors are %+v", connectors)
	check(connectors[0].Conns[0].ClientID == connectors[0].ID, "the connection is %+v", connectors[0].Conns[0])
	wantCode(deleteTunnel(w, tunnel.ID), 400, 1022)
	must(w.client.ZeroTrust.Tunnels.Cloudflared.Connections.Delete(
		w.ctx, tunnel.ID, zero_trust.TunnelCloudflaredConnectionDeleteParams{AccountID: cloudflare.F(w.account)}))
	check(getTunnel(w, tunnel.ID).Status == shared.CloudflareTunnelStatusDown, "a tunnel that ran is not down")
	noError(deleteTunnel(w, tunnel.ID))
	flow.Console("/knobs", `{"disconnect":true,"reset":true}`)
}

// The SDK repeats requests after these by itself, even after a conflict, so a create succeeds in spite of them.
func retries(w *world) {
	at := `"method":"POST","path":"/accounts/{account_id}/cfd_tunnel"`
	for i, fault := range []string{
		`{` + at + `,"effect":"html","status":502}`,
		`{` + at + `,"effect":"reset_before"}`,
	} {
		flow.Console("/faults", fault)
		noError(deleteTunnel(w, newTunnel(w, fmt.Sprintf("retried-%d", i)).ID))
	}
	// A repeated create whose first answer was lost meets its own name: names are what makes repeating safe.
	flow.Console("/faults", `{`+at+`,"effect":"lose_answer","by":"reset"}`)
	_, err := w.client.ZeroTrust.Tunnels.Cloudflared.New(w.ctx, zero_trust.TunnelCloudflaredNewParams{
		AccountID: cloudflare.F(w.account), Name: cloudflare.F("lost"),
	}, option.WithMaxRetries(1))
	wantCode(err, http.StatusConflict, 1013)
}
