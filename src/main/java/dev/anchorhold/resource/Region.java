package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a server stands; a ProviderConfig maps it to one of the cloud's locations. */
public enum Region {
    @JsonProperty("us")
    US,
    @JsonProperty("eu")
    EU;

    /** As it is written in manifests: {@code us} or {@code eu}. */
    public String key() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
