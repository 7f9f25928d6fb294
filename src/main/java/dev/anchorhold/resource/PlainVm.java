package dev.anchorhold.resource;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Custom resource PlainVm: a plain virtual machine, a server of its own with a public address, a firewall, your keys,
 * and nothing of ours in it.
 */
@Group(ApiNames.GROUP)
@Version(ApiNames.VERSION)
@Kind("PlainVm")
@Plural("plainvms")
@Singular("plainvm")
@ShortNames("pvm")
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message = "metadata.name becomes the host name: " + CelRules.SHORT_NAME_SAYS + "; no dots")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "State", jsonPath = ".status.state")
@AdditionalPrinterColumn(name = "IP", jsonPath = ".status.ipv4")
@AdditionalPrinterColumn(name = "Size", jsonPath = ".spec.size")
@AdditionalPrinterColumn(name = "Region", jsonPath = ".spec.region")
@AdditionalPrinterColumn(name = "Account", jsonPath = ".spec.account", priority = 1)
@AdditionalPrinterColumn(name = "Server", jsonPath = ".status.serverId", priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class PlainVm extends CustomResource<PlainVmSpec, PlainVmStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public PlainVmSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected PlainVmSpec initSpec() {
        return null;
    }

    @Override
    protected PlainVmStatus initStatus() {
        return null;
    }
}
