package dev.anchorhold.operator.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * The Kubernetes client's JSON, whose copy of an object of ours shares spec and status. JOSDK copies an object for each reconcile and changes
 * nothing of the copy but its metadata, and our specs and statuses are records; the client's own way is to write the object as JSON and to
 * read it again, a third of an idle reconcile. JOSDK's {@code withResourceCloner} does not reach the controllers under Quarkus.
 */
public final class ShallowCloneSerialization extends KubernetesSerialization {

    public ShallowCloneSerialization() {}

    public ShallowCloneSerialization(ObjectMapper mapper) {
        super(mapper, false);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <R> R clone(R object) {
        return (R)
                switch (object) {
                    case PlainVm it -> copy(it, new PlainVm());
                    case Agent it -> copy(it, new Agent());
                    case AgentImage it -> copy(it, new AgentImage());
                    case Account it -> copy(it, new Account());
                    case ProviderConfig it -> copy(it, new ProviderConfig());
                    default -> super.clone(object);
                };
    }

    private static <S, T, C extends CustomResource<S, T>> C copy(C from, C to) {
        to.setMetadata(new ObjectMetaBuilder(from.getMetadata()).build());
        to.setSpec(from.getSpec());
        to.setStatus(from.getStatus());
        return to;
    }
}
