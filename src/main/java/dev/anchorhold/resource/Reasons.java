package dev.anchorhold.resource;

/**
 * Every condition and every reason that the operator writes. They are API: programs rely on them, and
 * {@code docs/failure-modes.md} explains each (a test compares).
 */
public final class Reasons {

    // ---- condition types

    /** The summary: the spec of this generation holds. */
    public static final String READY = "Ready";
    /** PlainVm: account, provider, credentials, quota and names are in order. */
    public static final String ADMITTED = "Admitted";
    /** PlainVm: the firewall exists, has exactly the wanted rules, and is the only one on the server. */
    public static final String FIREWALL_IN_SYNC = "FirewallInSync";
    /** PlainVm: the server exists and everything that its creation started has succeeded. */
    public static final String SERVER_PROVISIONED = "ServerProvisioned";
    /** PlainVm: the power is as {@code spec.operatingMode} says. */
    public static final String POWER_IN_SYNC = "PowerInSync";
    /** ProviderConfig: the token is accepted. */
    public static final String CREDENTIALS_VALID = "CredentialsValid";
    /** The ProviderConfig's Cloudflare token opens the account and the zone. */
    public static final String CLOUDFLARE_VALID = "CloudflareCredentialsValid";
    /** ProviderConfig: nothing in the cloud bears our label without belonging to an object. */
    public static final String NO_ORPHANS = "NoOrphans";

    // ---- all is well

    /** The spec holds. */
    public static final String AS_SPECIFIED = "AsSpecified";
    /** The server runs, as wanted. */
    public static final String RUNNING = "Running";
    /** The server is off, as wanted. */
    public static final String STOPPED = "Stopped";

    // ---- on the way

    /** The cloud is making the server. */
    public static final String SERVER_CREATING = "ServerCreating";
    /** The firewall is being made. */
    public static final String FIREWALL_CREATING = "FirewallCreating";
    /** The rules are being replaced. */
    public static final String RULES_CHANGING = "RulesChanging";
    /** The firewall is being put on the server, or a stranger's taken off. */
    public static final String FIREWALL_ATTACHING = "FirewallAttaching";
    /** The server is being powered on. */
    public static final String POWERING_ON = "PoweringOn";
    /** The guest was asked to shut down; after a minute the power is cut. */
    public static final String SHUTTING_DOWN = "ShuttingDown";
    /** The object and what it stands for are being removed. */
    public static final String DELETING = "Deleting";
    /** The cloud is at work on the server; nothing is started beside it. */
    public static final String CLOUD_BUSY = "CloudBusy";

    // ---- a person is needed

    /** {@code spec.account} names no Account. */
    public static final String ACCOUNT_NOT_FOUND = "AccountNotFound";
    /** The Account names no ProviderConfig. */
    public static final String PROVIDER_CONFIG_NOT_FOUND = "ProviderConfigNotFound";
    /** The Account builds in another cloud than the one the server stands in. */
    public static final String PROVIDER_CONFIG_DIFFERS = "ProviderConfigDiffers";
    /** The Secret with the token, or its key, is not there. */
    public static final String CREDENTIALS_MISSING = "CredentialsMissing";
    /** The cloud refuses the token. */
    public static final String CREDENTIALS_INVALID = "CredentialsInvalid";
    /** The token opens another project than the one in which the servers stand. */
    public static final String PROJECT_DIFFERS = "ProjectDiffers";
    /** The token opens no zone of that name in that account. */
    public static final String ZONE_NOT_FOUND = "ZoneNotFound";
    /** The Account's own quota is used up. */
    public static final String QUOTA_EXCEEDED = "QuotaExceeded";
    /** A limit of the cloud's customer is reached; only they can raise it. */
    public static final String CLOUD_LIMIT_REACHED = "CloudLimitReached";
    /** The ProviderConfig knows no such size, or not in that region. */
    public static final String SIZE_UNKNOWN = "SizeUnknown";
    /** The cloud has no such system image for the server types of this size. */
    public static final String IMAGE_UNKNOWN = "ImageUnknown";
    /** The Account has no key of that name. */
    public static final String SSH_KEY_UNKNOWN = "SshKeyUnknown";
    /** A stranger's object has the name that ours must have; it is not touched. */
    public static final String NAME_TAKEN = "NameTaken";
    /** The cloud refuses the request as it is; it is not repeated until the spec changes. */
    public static final String REQUEST_REFUSED = "RequestRefused";
    /** The server was deleted behind our back, and its disk with it. */
    public static final String SERVER_LOST = "ServerLost";
    /** More than one server bears this object's label; none is touched. */
    public static final String DUPLICATE_SERVERS = "DuplicateServers";
    /** Somebody switched on the cloud's protection against deletion. */
    public static final String DELETION_PROTECTED = "DeletionProtected";
    /** Objects still refer to this one. */
    public static final String IN_USE = "InUse";
    /** Labelled objects without an owner stand in the cloud. */
    public static final String ORPHANS_FOUND = "OrphansFound";

    // ---- time helps

    /** No candidate server type can be had now; they are tried again every few minutes. */
    public static final String CAPACITY_EXHAUSTED = "CapacityExhausted";
    /** The cloud has not been listed completely, or not lately. */
    public static final String INVENTORY_STALE = "InventoryStale";
    /** The cloud does not answer, or with an error of its own. */
    public static final String CLOUD_UNAVAILABLE = "CloudUnavailable";
    /** The budget of API calls is used up; it refills by itself. */
    public static final String RATE_LIMITED = "RateLimited";
    /** The answer to a write was lost; it is being looked up. */
    public static final String OUTCOME_UNKNOWN = "OutcomeUnknown";
    /** The cloud's own attempt to make or start the server failed; it is tried again. */
    public static final String ACTION_FAILED = "ActionFailed";

    private Reasons() {}
}
