package dev.anchorhold.operator.fleet;

import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.Cloner;

/**
 * Copies an object for each reconcile. JOSDK changes nothing of the copy but its metadata, and our specs and statuses are records: those are
 * shared, where JOSDK's own way is to write the object as JSON and to read it again.
 */
public final class MetadataCloner implements Cloner {
    private final KubernetesSerialization serialization;

    public MetadataCloner(KubernetesSerialization serialization) {
        this.serialization = serialization;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <R extends HasMetadata> R clone(R object) {
        return (R)
                switch (object) {
                    case PlainVm it -> copy(it, new PlainVm());
                    case Agent it -> copy(it, new Agent());
                    case AgentImage it -> copy(it, new AgentImage());
                    case Account it -> copy(it, new Account());
                    case ProviderConfig it -> copy(it, new ProviderConfig());
                    default -> serialization.clone(object);
                };
    }

    private static <S, T, C extends CustomResource<S, T>> C copy(C from, C to) {
        to.setMetadata(new ObjectMetaBuilder(from.getMetadata()).build());
        to.setSpec(from.getSpec());
        to.setStatus(from.getStatus());
        return to;
    }
}
