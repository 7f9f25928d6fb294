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

/** Custom resource Account: a customer who owns objects and pays, with quotas, SSH keys and members. Cluster-scoped. */
@Group(ApiNames.GROUP)
@Version(ApiNames.VERSION)
@Kind("Account")
@Plural("accounts")
@Singular("account")
@ShortNames("acct")
@ValidationRule(
        value = "size(self.metadata.name) <= 63",
        message = "metadata.name: at most 63 characters, since namespaces bear it as the label anchorhold.dev/account")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "Display Name", jsonPath = ".spec.displayName")
@AdditionalPrinterColumn(name = "Provider", jsonPath = ".spec.providerConfigRef.name")
@AdditionalPrinterColumn(name = "VMs", jsonPath = ".status.plainVms", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Agents", jsonPath = ".status.agents", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class Account extends CustomResource<AccountSpec, AccountStatus> {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public AccountSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected AccountSpec initSpec() {
        return null;
    }

    @Override
    protected AccountStatus initStatus() {
        return null;
    }
}
