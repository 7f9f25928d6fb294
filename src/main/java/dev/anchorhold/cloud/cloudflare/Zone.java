package dev.anchorhold.cloud.cloudflare;

/** A zone of the account; {@code status} is {@code active} once its name servers lead to Cloudflare. */
public record Zone(String id, String name, String status, Account account) {

    public Zone {
        CloudflareWire.demand(id);
        name = CloudflareWire.host(name);
        status = status == null ? "" : status;
    }

    /** Whose it is. */
    public record Account(String id, String name) {}

    boolean isOf(String accountId) {
        return account != null && accountId.equals(account.id);
    }
}
