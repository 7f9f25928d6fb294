package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.Page;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.util.List;
import java.util.Optional;

/** The calls about a zone's records (providers.md B.2), by {@link CloudflareClient#records}. */
public final class RecordCalls {
    private final CloudflareCalls calls;
    private final String path;

    RecordCalls(CloudflareCalls calls, String zoneId) {
        this.calls = calls;
        this.path = "zones/%s/dns_records".formatted(zoneId);
    }

    /** Any record that stands in its way is {@code NameTaken}: look it up by its name, and see by the comment whose it is. */
    public DnsRecord create(Urgency urgency, Purpose purpose, HostName wanted) {
        return calls.written(calls.write(
                        urgency,
                        purpose,
                        "POST",
                        path,
                        CloudflareWire.record(wanted),
                        CloudflareWire.RecordAnswer.class)
                .result());
    }

    public Optional<DnsRecord> get(Urgency urgency, Purpose purpose, String id) {
        return calls.found(
                () -> calls.get(urgency, purpose, calls.url(path + "/" + id), CloudflareWire.RecordAnswer.class)
                        .result());
    }

    /** Every record of exactly this name, whatever its type and whoever's it is. */
    public List<DnsRecord> named(Urgency urgency, Purpose purpose, String name) {
        var host = CloudflareWire.host(name);
        return calls
                .all(page -> calls.page(
                        urgency,
                        purpose,
                        calls.url(path).addQueryParameter("name", host),
                        page,
                        CloudflareWire.RecordsAnswer.class))
                .stream()
                .filter(it -> it.name().equals(host))
                .toList();
    }

    /** Records whose comment holds this text. */
    Page<DnsRecord> commented(Urgency urgency, Purpose purpose, String text, int page) {
        var url = calls.url(path).addQueryParameter("comment.contains", text);
        return calls.page(urgency, purpose, url, page, CloudflareWire.RecordsAnswer.class);
    }

    /** Overwrites a record, all of it. */
    public DnsRecord update(Urgency urgency, Purpose purpose, String id, HostName wanted) {
        return calls.written(calls.write(
                        urgency,
                        purpose,
                        "PUT",
                        path + "/" + id,
                        CloudflareWire.record(wanted),
                        CloudflareWire.RecordAnswer.class)
                .result());
    }

    /** Absent already is success (F21). */
    public void delete(Urgency urgency, Purpose purpose, String id) {
        calls.delete(urgency, purpose, path + "/" + id);
    }
}
