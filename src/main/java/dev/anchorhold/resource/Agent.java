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
 * Custom resource Agent: a server of its own with no open port, a data volume, a tunnel and a public URL; frozen as it
 * is provisioned.
 */
@Group(ApiNames.GROUP)
@Version(ApiNames.VERSION)
@Kind("Agent")
@Plural("agents")
@Singular("agent")
@ShortNames("ag")
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
        message = "metadata.name becomes the host name: " + CelRules.SHORT_NAME_SAYS + "; no dots")
@ValidationRule(
        value = "!self.metadata.name.startsWith('xn--')",
        message =
                "metadata.name becomes the host name: it may not begin with 'xn--', which there marks the encoded form of"
                        + " an international name")
@ValidationRule(
        value = "!(has(oldSelf.status) && (has(oldSelf.status.frozenSecret)"
                + " || has(oldSelf.status.envFixed) && oldSelf.status.envFixed))"
                + " || (has(self.spec.env) == has(oldSelf.spec.env)"
                + " && (!has(self.spec.env) || self.spec.env == oldSelf.spec.env))",
        message = "spec.env is fixed for life once the Agent is being frozen (status.envFixed); make a new Agent")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "State", jsonPath = ".status.state")
@AdditionalPrinterColumn(name = "URL", jsonPath = ".status.url")
@AdditionalPrinterColumn(name = "Size", jsonPath = ".status.size")
@AdditionalPrinterColumn(name = "Region", jsonPath = ".status.region")
@AdditionalPrinterColumn(name = "Account", jsonPath = ".spec.account", priority = 1)
@AdditionalPrinterColumn(name = "Server", jsonPath = ".status.serverId", priority = 1)
@AdditionalPrinterColumn(
        name = "Current",
        jsonPath = ".status.conditions[?(@.type==\"ImageCurrent\")].status",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class Agent extends CustomResource<AgentSpec, AgentStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public AgentSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected AgentSpec initSpec() {
        return null;
    }

    @Override
    protected AgentStatus initStatus() {
        return null;
    }
}
