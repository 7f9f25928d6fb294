package dev.anchorhold.resource;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Custom resource ProviderConfig: one cloud to build in, its credentials, and what regions and sizes mean there.
 * Cluster-scoped.
 */
@Group(ApiNames.GROUP)
@Version(ApiNames.VERSION)
@Kind("ProviderConfig")
@Plural("providerconfigs")
@Singular("providerconfig")
@ShortNames("pcfg")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "Firewalls", jsonPath = ".spec.firewalls")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class ProviderConfig extends CustomResource<ProviderConfigSpec, ProviderConfigStatus> {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public ProviderConfigSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected ProviderConfigSpec initSpec() {
        return null;
    }

    @Override
    protected ProviderConfigStatus initStatus() {
        return null;
    }
}
