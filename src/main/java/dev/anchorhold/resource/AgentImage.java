package dev.anchorhold.resource;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Custom resource AgentImage: a container image in the catalogue, as it is today. Agents that are made from it keep
 * what it says then. Cluster-scoped.
 */
@Group(ApiNames.GROUP)
@Version(ApiNames.VERSION)
@Kind("AgentImage")
@Plural("agentimages")
@Singular("agentimage")
@ShortNames("agimg")
@ValidationRule(value = "size(self.metadata.name) <= 63", message = "metadata.name: at most 63 characters")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "Revision", jsonPath = ".spec.revision", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Repository", jsonPath = ".spec.repository")
@AdditionalPrinterColumn(name = "Digest", jsonPath = ".spec.digest", priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class AgentImage extends CustomResource<AgentImageSpec, AgentImageStatus> {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public AgentImageSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected AgentImageSpec initSpec() {
        return null;
    }

    @Override
    protected AgentImageStatus initStatus() {
        return null;
    }
}
