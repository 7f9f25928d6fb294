package dev.anchorhold.operator.fleet;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/** Event filter that passes changes by people and other controllers, and drops those of our own status writes (F08). */
public final class SpecChangeFilter implements OnUpdateFilter<HasMetadata> {

    @Override
    public boolean accept(HasMetadata now, HasMetadata before) {
        var a = now.getMetadata();
        var b = before.getMetadata();
        return !Objects.equals(a.getGeneration(), b.getGeneration())
                || !Objects.equals(a.getDeletionTimestamp(), b.getDeletionTimestamp())
                || !Objects.equals(a.getAnnotations(), b.getAnnotations())
                || !Objects.equals(a.getFinalizers(), b.getFinalizers());
    }
}
