package dev.anchorhold.resource;

/** Names that are part of the API: group, version, annotations. Each is documented in {@code docs/concepts.md}. */
public final class ApiNames {

    public static final String GROUP = "anchorhold.dev";
    public static final String VERSION = "v1alpha1";

    /** {@code "true"} on a PlainVm: the operator keeps its hands off it, deletion included, until it is removed. */
    public static final String PAUSED = "anchorhold.dev/paused";

    /**
     * {@code "true"} on a PlainVm that is being deleted: forget it without looking at the cloud again. The only way out when
     * the credentials are gone for good; whatever still runs there goes on running, and is billed.
     */
    public static final String ABANDON = "anchorhold.dev/abandon";

    /**
     * On a ProviderConfig, with the id of the SSH key that its status remembers: that key is gone from the project for good,
     * and is to be registered anew.
     */
    public static final String FORGET_SEALED_KEY = "anchorhold.dev/forget-sealed-key";

    private ApiNames() {}
}
