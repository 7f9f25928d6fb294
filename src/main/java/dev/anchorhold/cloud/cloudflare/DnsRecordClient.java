package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.util.List;
import java.util.Optional;

/** Client of a zone's DNS records (providers.md B.2), by {@link CloudflareClient#records}. */
public final class DnsRecordClient {
    private final CloudflareRequests calls;
    private final String path;

    DnsRecordClient(CloudflareRequests calls, String zoneId) {
        this.calls = calls;
        this.path = "zones/%s/dns_records".formatted(zoneId);
    }

    /** Any record that stands in its way is {@code NameTaken}: look it up by its name, and see by the comment whose it is. */
    public DnsRecord create(Urgency urgency, Purpose purpose, DesiredDnsRecord wanted) {
        return calls.requirePart(calls.write(
                        urgency,
                        purpose,
                        "POST",
                        path,
                        CloudflareJson.record(wanted),
                        CloudflareJson.RecordAnswer.class)
                .result());
    }

    public Optional<DnsRecord> get(Urgency urgency, Purpose purpose, String id) {
        return calls.optional(
                () -> calls.get(urgency, purpose, calls.url(path + "/" + id), CloudflareJson.RecordAnswer.class)
                        .result());
    }

    /** Every record of exactly this name, whatever its type and whoever's it is. */
    public List<DnsRecord> listByName(Urgency urgency, Purpose purpose, String name) {
        var host = CloudflareJson.lowerCase(name);
        return calls
                .allPages(page -> calls.page(
                        urgency,
                        purpose,
                        calls.url(path).addQueryParameter("name", host),
                        page,
                        CloudflareJson.RecordsAnswer.class))
                .stream()
                .filter(it -> it.name().equals(host))
                .toList();
    }

    /** Records whose comment holds this text. */
    CloudPage<DnsRecord> listByComment(Urgency urgency, Purpose purpose, String text, int page) {
        var url = calls.url(path).addQueryParameter("comment.contains", text);
        return calls.page(urgency, purpose, url, page, CloudflareJson.RecordsAnswer.class);
    }

    /** Overwrites a record, all of it. */
    public DnsRecord update(Urgency urgency, Purpose purpose, String id, DesiredDnsRecord wanted) {
        return calls.requirePart(calls.write(
                        urgency,
                        purpose,
                        "PUT",
                        path + "/" + id,
                        CloudflareJson.record(wanted),
                        CloudflareJson.RecordAnswer.class)
                .result());
    }

    /** Absent already is success (F21). */
    public void delete(Urgency urgency, Purpose purpose, String id) {
        calls.delete(urgency, purpose, path + "/" + id);
    }
}
