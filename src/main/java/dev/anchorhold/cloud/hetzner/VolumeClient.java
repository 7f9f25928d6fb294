package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Client of the project's volumes (providers.md A.7), by {@link HetznerClient#volumes()}. A volume is made without a
 * filesystem and is never mounted by the cloud: both are the guest's business, who alone can see what is on it.
 */
public final class VolumeClient {
    private final HetznerRequests calls;

    VolumeClient(HetznerRequests calls) {
        this.calls = calls;
    }

    /** @param sizeGib 10 to 10,240 */
    public CreateResult<Volume> create(
            Urgency urgency, Purpose purpose, String name, int sizeGib, String location, Map<String, String> labels) {
        var body = Map.of("name", name, "size", sizeGib, "location", location, "labels", labels);
        var answer = calls.write(urgency, purpose, "POST", "volumes", body, HetznerJson.VolumeAnswer.class);
        return new CreateResult<>(
                calls.requirePart(answer.volume()), HetznerJson.actions(answer.action(), answer.nextActions()));
    }

    public Optional<Volume> get(Urgency urgency, Purpose purpose, long id) {
        return calls.optional(
                () -> calls.get(urgency, purpose, calls.url("volumes/" + id), HetznerJson.VolumeAnswer.class)
                        .volume());
    }

    public Optional<Volume> findByName(Urgency urgency, Purpose purpose, String name) {
        var url = calls.url("volumes").addQueryParameter("name", name);
        return calls.firstMatch(
                urgency, purpose, url, HetznerJson.Listing::volumes, volume -> name.equals(volume.name()));
    }

    public CloudPage<Volume> list(Urgency urgency, Purpose purpose, String labelSelector, int page) {
        var url = calls.url("volumes").addQueryParameter("label_selector", labelSelector);
        return calls.page(urgency, purpose, url, page, HetznerJson.Listing::volumes);
    }

    /** Attached already, to whichever server, is {@code InUse}: look where it is. A busy server is {@code Conflict}. */
    public Action attach(Urgency urgency, Purpose purpose, long id, long server) {
        return action(urgency, purpose, id, "attach", Map.of("server", server, "automount", false));
    }

    /** Not attached any more is success: then there is no action. */
    public List<Action> detach(Urgency urgency, Purpose purpose, long id) {
        try {
            return List.of(action(urgency, purpose, id, "detach", null));
        } catch (CloudException.Invalid e) {
            if (e.code().equals("volume_not_attached")) return List.of();
            throw e;
        }
    }

    /** To more than it has; the filesystem grows by the guest's hand. Works while it is attached, too. */
    public Action resize(Urgency urgency, Purpose purpose, long id, int sizeGib) {
        return action(urgency, purpose, id, "resize", Map.of("size", sizeGib));
    }

    /** Replaces the volume's labels, all of them. */
    public void relabel(Urgency urgency, Purpose purpose, long id, Map<String, String> labels) {
        calls.write(urgency, purpose, "PUT", "volumes/" + id, Map.of("labels", labels), Void.class);
    }

    /** Absent already is success (F21); still attached is {@code InUse}. Everything on it is lost. */
    public void delete(Urgency urgency, Purpose purpose, long id) {
        calls.delete(urgency, purpose, "volumes/" + id);
    }

    /** What happened to volumes, latest first, whoever did it. */
    CloudPage<Action> actions(Urgency urgency, Purpose purpose, ActionSort actionSort, int page) {
        return calls.feed(urgency, purpose, "volumes/actions", actionSort, page);
    }

    private Action action(Urgency urgency, Purpose purpose, long id, String verb, Object body) {
        var path = "volumes/%d/actions/%s".formatted(id, verb);
        return calls.requirePart(calls.write(urgency, purpose, "POST", path, body, HetznerJson.ActionAnswer.class)
                .action());
    }
}
