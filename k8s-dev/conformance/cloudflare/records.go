package main

import (
	"strings"

	"github.com/cloudflare/cloudflare-go/v6"
	"github.com/cloudflare/cloudflare-go/v6/dns"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/zero_trust"
)

const target = "6ff42ae2-765d-4adf-8112-31c55c1551ef.cfargotunnel.com"

func alias(name, content, comment string) dns.CNAMERecordParam {
	return dns.CNAMERecordParam{
		Type:    cloudflare.F(dns.CNAMERecordTypeCNAME),
		Name:    cloudflare.F(name),
		Content: cloudflare.F(content),
		Proxied: cloudflare.F(true),
		TTL:     cloudflare.F(dns.TTL1),
		Comment: cloudflare.F(comment),
	}
}

func newRecord(w *world, record dns.CNAMERecordParam) (*dns.RecordResponse, error) {
	return w.client.DNS.Records.New(w.ctx, dns.RecordNewParams{ZoneID: cloudflare.F(w.zone), Body: record})
}

func deleteRecord(w *world, id string) error {
	_, err := w.client.DNS.Records.Delete(w.ctx, id, dns.RecordDeleteParams{ZoneID: cloudflare.F(w.zone)})
	return err
}

func recordLife(w *world) {
	made := must(newRecord(w, alias("app", target, "ours")))
	check(strings.HasPrefix(made.Name, "app.") && made.Content == target && made.Proxied, "it is %+v", made)
	check(made.Proxiable && made.Comment == "ours" && !made.CreatedOn.IsZero(), "it is %+v", made)
	edited := must(w.client.DNS.Records.Edit(w.ctx, made.ID, dns.RecordEditParams{
		ZoneID: cloudflare.F(w.zone), Body: dns.RecordEditParamsBody{Comment: cloudflare.F("still ours")}}))
	check(edited.Comment == "still ours" && edited.Content == target, "it is %+v", edited)
	updated := must(w.client.DNS.Records.Update(w.ctx, made.ID, dns.RecordUpdateParams{
		ZoneID: cloudflare.F(w.zone), Body: alias("app", "example.com", "")}))
	check(updated.Content == "example.com" && updated.Comment == "", "it is %+v", updated)
	read := must(w.client.DNS.Records.Get(w.ctx, made.ID, dns.RecordGetParams{ZoneID: cloudflare.F(w.zone)}))
	check(read.Content == "example.com", "what is read is %+v", read)
	noError(deleteRecord(w, made.ID))
	wantCode(deleteRecord(w, made.ID), 404, 81044)
}

func filters(w *world) {
	one := must(newRecord(w, alias("one", target, "anchorhold i1 u1")))
	two := must(newRecord(w, alias("two", "example.com", "anchorhold i2 u2")))
	find := func(params dns.RecordListParams) []string {
		params.ZoneID = cloudflare.F(w.zone)
		params.PerPage = cloudflare.F(1.0)
		pages := w.client.DNS.Records.ListAutoPaging(w.ctx, params)
		var ids []string
		for pages.Next() {
			ids = append(ids, pages.Current().ID)
		}
		noError(pages.Err())
		return ids
	}
	all := find(dns.RecordListParams{})
	check(len(all) == 2, "%d of 2 records", len(all))
	mine := find(dns.RecordListParams{Comment: cloudflare.F(dns.RecordListParamsComment{Contains: cloudflare.F("anchorhold i1")})})
	check(len(mine) == 1 && mine[0] == one.ID, "by its comment: %v", mine)
	named := find(dns.RecordListParams{Name: cloudflare.F(dns.RecordListParamsName{Exact: cloudflare.F(two.Name)})})
	check(len(named) == 1 && named[0] == two.ID, "by its name: %v", named)
	noError(deleteRecord(w, one.ID))
	noError(deleteRecord(w, two.ID))
}

func batch(w *world) {
	old := must(newRecord(w, alias("swapped", target, "")))
	done := must(w.client.DNS.Records.Batch(w.ctx, dns.RecordBatchParams{
		ZoneID:  cloudflare.F(w.zone),
		Deletes: cloudflare.F([]dns.RecordBatchParamsDelete{{ID: cloudflare.F(old.ID)}}),
		Posts:   cloudflare.F([]dns.RecordBatchParamsPostUnion{alias("swapped", "example.com", "")}),
	}))
	check(len(done.Deletes) == 1 && len(done.Posts) == 1, "the batch did %+v", done)
	noError(deleteRecord(w, done.Posts[0].ID))
}

func typedErrors(w *world) {
	once := option.WithMaxRetries(0)
	made := must(newRecord(w, alias("taken", target, "")))
	_, err := newRecord(w, alias("taken", "example.com", ""))
	wantCode(err, 400, 81053)
	_, err = newRecord(w, alias("taken", target, ""))
	wantCode(err, 400, 81058)
	_, err = newRecord(w, alias("wordy", target, strings.Repeat("x", 101)))
	wantCode(err, 400, 1004)
	noError(deleteRecord(w, made.ID))

	tunnel := newTunnel(w, "taken")
	_, err = w.client.ZeroTrust.Tunnels.Cloudflared.New(w.ctx, zero_trust.TunnelCloudflaredNewParams{
		AccountID: cloudflare.F(w.account), Name: cloudflare.F("taken")}, once)
	wantCode(err, 409, 1013)
	noError(deleteTunnel(w, tunnel.ID))
	_, err = w.client.ZeroTrust.Tunnels.Cloudflared.Get(
		w.ctx, "00000000-0000-0000-0000-000000000000",
		zero_trust.TunnelCloudflaredGetParams{AccountID: cloudflare.F(w.account)})
	wantCode(err, 404, 1003)
	_, err = w.client.ZeroTrust.Tunnels.Cloudflared.Get(
		w.ctx, tunnel.ID, zero_trust.TunnelCloudflaredGetParams{AccountID: cloudflare.F(strings.Repeat("0", 32))})
	wantCode(err, 403, 10000)
}
