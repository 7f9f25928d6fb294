package dev.anchorhold.resource;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.List;
import java.util.Optional;

/** Status that names the object that it was written for, so that a copy of it is not believed of another. */
public interface ObjectStatus extends ConditionedStatus {

    /** Null in a status of before there was this field. */
    String uid();

    /** The server's id in the cloud; null before there is one. */
    Long serverId();

    /** The server's name in the cloud, which follows from the UID; null before there is one. */
    String serverName();

    /** What the books are told of it. */
    List<JournalEntry> journal();

    /** The object's status, unless that was written for another object. */
    static <T extends ObjectStatus> Optional<T> own(CustomResource<?, T> object) {
        return Optional.ofNullable(object.getStatus()).filter(s -> s.isOf(object));
    }

    default boolean isOf(HasMetadata object) {
        return uid() == null || uid().equals(object.getMetadata().getUid());
    }
}
