package dev.anchorhold.cloud.cloudflare;

/** A zone of the account; {@code status} is {@code active} once its name servers lead to Cloudflare. */
public record DnsZone(String id, String name, String status, Account account) {

    public DnsZone {
        CloudflareJson.requireId(id);
        name = CloudflareJson.lowerCase(name);
        status = status == null ? "" : status;
    }

    /** Whose it is. */
    public record Account(String id, String name) {}

    boolean isOf(String accountId) {
        return account != null && accountId.equals(account.id);
    }
}
