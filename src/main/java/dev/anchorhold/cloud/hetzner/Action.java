package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * Something that the cloud is doing or has done (providers.md A.10). {@code command} is not the verb of the URL: {@code poweron} is
 * {@code start_server}. {@code finished} is null while it runs.
 */
public record Action(
        long id,
        String command,
        Status status,
        Instant started,
        Instant finished,
        Failure error,
        List<Target> resources) {

    public Action {
        HetznerJson.requireId(id);
        command = command == null ? "" : command;
        status = status == null ? Status.RUNNING : status;
        resources = resources == null ? List.of() : List.copyOf(resources);
    }

    public enum Status {
        /** Also for words unknown to us: it is asked for again until it is one of the others. */
        @JsonEnumDefaultValue
        @JsonProperty("running")
        RUNNING,
        @JsonProperty("success")
        SUCCESS,
        @JsonProperty("error")
        ERROR
    }

    public record Failure(String code, String message) {}

    public record Target(long id, String type) {}

    public boolean running() {
        return status == Status.RUNNING;
    }

    public boolean failed() {
        return status == Status.ERROR;
    }

    /** Why it failed ({@code action_failed} if it did not say), or empty if it did not. */
    public String errorCode() {
        if (!failed()) return "";
        return error == null || error.code() == null ? "action_failed" : error.code();
    }
}
