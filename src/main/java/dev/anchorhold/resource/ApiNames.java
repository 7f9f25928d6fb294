package dev.anchorhold.resource;

import java.util.Set;

/** Names that are part of the API: group, version, annotations. Each is documented in {@code docs/concepts.md}. */
public final class ApiNames {

    public static final String GROUP = "anchorhold.dev";
    public static final String VERSION = "v1alpha1";

    /**
     * {@code "true"} on a PlainVm or an Agent: the operator takes no step for it in any cloud, deletion included, until it is
     * removed. What is seen meanwhile is told in status and books all the same.
     */
    public static final String PAUSED = "anchorhold.dev/paused";

    /**
     * {@code "true"} on a PlainVm that is being deleted: forget it without looking at the cloud again. The only way out when
     * the credentials are gone for good; whatever still runs there goes on running, and is billed.
     */
    public static final String ABANDON = "anchorhold.dev/abandon";

    /**
     * On a PlainVm or Agent that is let go: who does that, as the API server knows them. The admission policy
     * {@code abandon} compares.
     */
    public static final String ABANDONED_BY = "anchorhold.dev/abandoned-by";

    /**
     * A label, {@code "true"} on a Secret that holds a provider's API token: no other Secret's content is sent to any
     * cloud.
     */
    public static final String PROVIDER_TOKEN = "anchorhold.dev/provider-token";

    /**
     * On a ProviderConfig, with the id of the SSH key that its status remembers: that key is gone from the project for good,
     * and is to be registered anew.
     */
    public static final String FORGET_SEALED_KEY = "anchorhold.dev/forget-sealed-key";

    /** {@code "true"}, as a label, on a Secret that AgentImages may name: nothing without it is sent to any guest. */
    public static final String PULL_SECRET = "anchorhold.dev/pull-secret";
    /**
     * On a ProviderConfig, with the id of the Cloudflare zone that its status remembers: that zone was removed and added
     * again in the same account, and is to be believed under its new id.
     */
    public static final String FORGET_ZONE = "anchorhold.dev/forget-zone";

    /**
     * On a PlainVm or Agent, with the UID of its predecessor, which is no more: it takes over what that left in the clouds,
     * and its period in the books. Needs the verb {@code adopt}.
     */
    public static final String ADOPT_FROM = "anchorhold.dev/adopt-from";

    /** The operator's own, on what has things in a cloud: while it is there, something may be left. */
    public static final Set<String> FINALIZERS = Set.of("anchorhold.dev/plainvm", "anchorhold.dev/agent");

    private ApiNames() {}
}
