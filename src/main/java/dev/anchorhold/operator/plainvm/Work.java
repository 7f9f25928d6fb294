package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.resource.PlainVm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The work on one PlainVm, whatever it is: who it is for, and what all steps share. */
abstract class Work {
    final CloudSession session;
    final PlainVm vm;
    final Cloud cloud;
    private final Events events;

    Work(CloudSession session, PlainVm vm, Cloud cloud, Events events) {
        this.session = session;
        this.vm = vm;
        this.cloud = cloud;
        this.events = events;
    }

    final String uid() {
        return vm.getMetadata().getUid();
    }

    /** Makes it, or finds that it was made: by a process that died, or by a call whose answer was lost (F01, F02, F09). */
    final <T> T creating(Supplier<T> make, Supplier<Optional<T>> find) {
        try {
            return make.get();
        } catch (CloudException.NameTaken taken) {
            return find.get().orElseThrow(() -> taken);
        } catch (CloudException.UnknownOutcome lost) {
            session.inventory().recordLostAnswer(uid());
            return find.get().orElseThrow(() -> lost);
        }
    }

    final boolean mine(Map<String, String> labels, Map<String, String> wanted, String what, long id) {
        if (labels.entrySet().containsAll(wanted.entrySet())) {
            return true;
        }
        throw new CloudException.NameTaken(
                new CloudException.Detail(
                        "uniqueness_error",
                        "%s %d in the project has the name '%s' and is not ours; rename it there"
                                .formatted(what, id, cloud.identity().serverName()),
                        ""),
                List.of("name"));
    }

    final void actions(List<Action> actions) {
        session.inventory().recordActions(uid(), actions);
    }

    final Void tell(String reason, String action, String note) {
        events.normal(vm, reason, action, note);
        return null;
    }

    final void warn(String reason, String action, String note) {
        events.warning(vm, reason, action, note);
    }

    static Map<String, String> withoutOurs(Map<String, String> labels) {
        Set<String> ours = Set.of(Ownership.INSTALLATION, Ownership.KIND, Ownership.UID);
        return labels.entrySet().stream()
                .filter(l -> !ours.contains(l.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
