package dev.anchorhold.resource;

/**
 * Constants of every condition type and reason that the operator writes. They are API: programs rely on them, and
 * {@code docs/failure-modes.md} explains each (a test compares).
 */
public final class Reasons {

    // ---- condition types

    /** The summary: the spec of this generation holds. */
    public static final String READY = "Ready";
    /** PlainVm, Agent: account, provider, credentials, quota and names are in order. */
    public static final String ADMITTED = "Admitted";
    /** PlainVm: the firewall exists, has exactly the wanted rules, and is the only one on the server. */
    public static final String FIREWALL_IN_SYNC = "FirewallInSync";
    /** PlainVm: the server exists and everything that its creation started has succeeded. */
    public static final String SERVER_PROVISIONED = "ServerProvisioned";
    /** PlainVm: the power is as {@code spec.operatingMode} says. */
    public static final String POWER_IN_SYNC = "PowerInSync";
    /** Agent: image, environment, guest program, base image and size are in the immutable Secret. */
    public static final String FROZEN = "Frozen";
    /** Agent: the data volume exists, is as large as wanted, and is attached to the server. */
    public static final String VOLUME_READY = "VolumeReady";
    /** Agent: the tunnel exists, leads to the container, and serves. */
    public static final String TUNNEL_READY = "TunnelReady";
    /** Agent: the host name leads to the tunnel. */
    public static final String DNS_READY = "DnsReady";
    /** Agent: its guest reports, lately, that its rules hold, nothing can be reached, and the container runs. */
    public static final String GUEST_READY = "GuestReady";
    /** Agent: it runs the newest revision of its AgentImage. */
    public static final String IMAGE_CURRENT = "ImageCurrent";
    /** PlainVm, Agent: nobody has changed in the cloud what is not put right. */
    public static final String NO_DRIFT = "NoDrift";
    /** ProviderConfig: the token is accepted. */
    public static final String CREDENTIALS_VALID = "CredentialsValid";
    /** The ProviderConfig's Cloudflare token opens the account and the zone. */
    public static final String CLOUDFLARE_VALID = "CloudflareCredentialsValid";
    /** ProviderConfig: the edge has a certificate for the host names in {@code spec.cloudflare.domain}. */
    public static final String DOMAIN_COVERED = "DomainCovered";
    /** ProviderConfig: nothing in the cloud bears our label without belonging to an object. */
    public static final String NO_ORPHANS = "NoOrphans";
    /** Account: whatever the books count its time of is in Kubernetes, or in a cloud. */
    public static final String PERIODS_OWNED = "PeriodsOwned";

    // ---- all is well

    /** The spec holds. */
    public static final String AS_SPECIFIED = "AsSpecified";
    /** The server runs, as wanted. */
    public static final String RUNNING = "Running";
    /** The server is off, as wanted. */
    public static final String STOPPED = "Stopped";

    /** The Agent is paused, as wanted. */
    public static final String PAUSED = "Paused";

    // ---- on the way

    /** It is taking over what its predecessor left. */
    public static final String ADOPTING = "Adopting";
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

    /** What the Agent is made from is being frozen. */
    public static final String FREEZING = "Freezing";
    /** The data volume is being made. */
    public static final String VOLUME_CREATING = "VolumeCreating";
    /** The data volume is growing. */
    public static final String VOLUME_GROWING = "VolumeGrowing";
    /** The data volume is being attached to the server, or detached from another. */
    public static final String VOLUME_ATTACHING = "VolumeAttaching";
    /** The tunnel is being made. */
    public static final String TUNNEL_CREATING = "TunnelCreating";
    /** The tunnel's configuration is being written. */
    public static final String TUNNEL_CONFIGURING = "TunnelConfiguring";
    /** No connector serves the tunnel. */
    public static final String TUNNEL_DOWN = "TunnelDown";
    /** The DNS record is being written. */
    public static final String RECORD_WRITING = "RecordWriting";
    /** What the old owner could know is being changed, and the settings with it. */
    public static final String TRANSFERRING = "Transferring";
    /** New settings are on their way to the guest. */
    public static final String SETTINGS_CHANGING = "SettingsChanging";
    /** The server boots; its guest has not reported yet. */
    public static final String GUEST_BOOTING = "GuestBooting";
    /** The guest reports that it has not got everything to run yet, and what is in its way. */
    public static final String GUEST_STARTING = "GuestStarting";
    /** The server is being deleted for the time of a pause. */
    public static final String SERVER_RELEASING = "ServerReleasing";

    // ---- a person is needed

    /** The annotation {@code anchorhold.dev/paused} keeps back what would be done now. */
    public static final String HELD = "Held";

    /** The Account does not name the namespace. */
    public static final String NAMESPACE_NOT_ALLOWED = "NamespaceNotAllowed";
    /** The Account is being deleted, and takes nothing new. */
    public static final String ACCOUNT_DELETING = "AccountDeleting";

    /** The ProviderConfig in which its account builds is being deleted. */
    public static final String PROVIDER_CONFIG_DELETING = "ProviderConfigDeleting";
    /** {@code spec.account} names no Account. */
    public static final String ACCOUNT_NOT_FOUND = "AccountNotFound";
    /** The Account names no ProviderConfig. */
    public static final String PROVIDER_CONFIG_NOT_FOUND = "ProviderConfigNotFound";
    /** The Account builds in another cloud than the one the server stands in. */
    public static final String PROVIDER_CONFIG_DIFFERS = "ProviderConfigDiffers";
    /** The Secret with the token, or its key, is not there. */
    public static final String CREDENTIALS_MISSING = "CredentialsMissing";
    /** The installation does not send tokens to that address. */
    public static final String ENDPOINT_NOT_ALLOWED = "EndpointNotAllowed";
    /** The cloud refuses the token. */
    public static final String CREDENTIALS_INVALID = "CredentialsInvalid";
    /** The token opens another project than the one in which the servers stand. */
    public static final String PROJECT_DIFFERS = "ProjectDiffers";
    /** The ProviderConfig names another Cloudflare zone than the one with which its Agents' tunnels are. */
    public static final String ZONE_DIFFERS = "ZoneDiffers";
    /** What the annotation asks to be taken over cannot be: the message says why. */
    public static final String ADOPTION_REFUSED = "AdoptionRefused";
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
    /** Somebody changed something in the cloud that is not put right. */
    public static final String CHANGED_IN_CLOUD = "ChangedInCloud";
    /** The cloud's provider has locked it; only its support can help. */
    public static final String RESOURCE_LOCKED = "ResourceLocked";
    /** {@code spec.image} names no AgentImage. */
    public static final String AGENT_IMAGE_NOT_FOUND = "AgentImageNotFound";
    /** A newer revision of the AgentImage is published. */
    public static final String NEWER_IMAGE = "NewerImage";
    /** {@code spec.cloneOf} names no Agent that can be cloned. */
    public static final String CLONE_SOURCE_UNAVAILABLE = "CloneSourceUnavailable";
    /** A Secret that {@code spec.env} names, or its key, is not there. */
    public static final String SECRET_NOT_FOUND = "SecretNotFound";
    /** The AgentImage's pull Secret has no login for the image's registry. */
    public static final String PULL_SECRET_UNUSABLE = "PullSecretUnusable";
    /** A value of {@code spec.env} is none that a container can be started with. */
    public static final String ENVIRONMENT_UNUSABLE = "EnvironmentUnusable";
    /** The frozen Secret is gone: the Agent cannot be started again as it was. */
    public static final String FROZEN_LOST = "FrozenLost";
    /** The frozen Secret is not what was frozen: nothing is started from it. */
    public static final String FROZEN_SECRET_CHANGED = "FrozenSecretChanged";
    /** The ProviderConfig says nothing of Cloudflare. */
    public static final String CLOUDFLARE_NOT_CONFIGURED = "CloudflareNotConfigured";
    /** No certificate covers the host names: what the edge is asked for by https is refused by every browser. */
    public static final String DOMAIN_NOT_COVERED = "DomainNotCovered";
    /** The operator was not told where the guest door is. */
    public static final String DOOR_NOT_CONFIGURED = "DoorNotConfigured";
    /** The data volume was deleted behind our back. */
    public static final String VOLUME_LOST = "VolumeLost";
    /** More than one volume bears this object's label; none is touched. */
    public static final String DUPLICATE_VOLUMES = "DuplicateVolumes";
    /** The guest found that its rules do not hold, or that something answers through them. */
    public static final String GUEST_EXPOSED = "GuestExposed";
    /** The door knows of no guest of this Agent's, although there is a server. */
    public static final String GUEST_UNKNOWN = "GuestUnknown";
    /** Objects still refer to this one. */
    public static final String IN_USE = "InUse";
    /** Labelled objects without an owner stand in the cloud. */
    public static final String ORPHANS_FOUND = "OrphansFound";
    /** The books count time of what exists nowhere any more. */
    public static final String PERIOD_WITHOUT_OBJECT = "PeriodWithoutObject";

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
    /** The guest has not reported for minutes. */
    public static final String GUEST_SILENT = "GuestSilent";
    /** The server's guest can never come in again, or has shown no sign of life for long; the server is replaced. */
    public static final String GUEST_LOST = "GuestLost";
    /** The server never came in by its one-time token; it is replaced. */
    public static final String BOOTSTRAP_EXPIRED = "BootstrapExpired";
    /** Nothing is left of the object, but the books have not taken its end yet. */
    public static final String JOURNAL_UNDELIVERED = "JournalUndelivered";
    /** The guest door cannot be asked. */
    public static final String DOOR_UNAVAILABLE = "DoorUnavailable";
    /** The cloud's own attempt to make or start the server failed; it is tried again. */
    public static final String ACTION_FAILED = "ActionFailed";

    private Reasons() {}
}
