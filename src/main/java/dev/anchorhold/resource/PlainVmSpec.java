package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Desired state of a PlainVm. Fields marked "fixed for life" are refused when changed (CEL). */
@ValidationRule(
        value = "has(self.sshKeys) == has(oldSelf.sshKeys) && (!has(self.sshKeys) || self.sshKeys == oldSelf.sshKeys)",
        message = "spec.sshKeys is fixed for life: keys are written at the first boot; log in and edit"
                + " /root/.ssh/authorized_keys, or make a new PlainVm")
@ValidationRule(
        value = "(has(self.sshKeys) && size(self.sshKeys) > 0) || self.oneTimePassword",
        message = "spec: give at least one key in sshKeys, or set oneTimePassword: true; otherwise nobody could log in")
@JsonIgnoreProperties(ignoreUnknown = true)
public record PlainVmSpec(
        @Required
        @Size(min = 1, max = 63)
        @ValidationRule(
                value = CelRules.OBJECT_NAME,
                message = "spec.account: the name of an Account: " + CelRules.OBJECT_NAME_SAYS)
        @JsonPropertyDescription("The Account that owns the VM. Changing it is a transfer, which the installation may"
                + " refuse (chart value plainVm.transfer).")
        String account,

        @Default("eu")
        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.region is fixed for life; make a new PlainVm in the other region")
        @JsonPropertyDescription("Where it stands: eu or us. Fixed for life.")
        Region region,

        @Required
        @Size(min = 1, max = 63)
        @ValidationRule(
                value = "[self].all(k, " + CelRules.SHORT_NAME + ")",
                message = "spec.size: the name of a size of the ProviderConfig, such as small: "
                        + CelRules.SHORT_NAME_SAYS)
        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.size is fixed for life; make a new PlainVm of the other size")
        @JsonPropertyDescription(
                "How large it is: a name from the ProviderConfig's sizes, such as small. Fixed for life.")
        String size,

        @Required
        @Size(min = 1, max = 63)
        @ValidationRule(
                value = CelRules.OBJECT_NAME,
                message = "spec.image: the cloud's name of a system image, such as debian-13 or ubuntu-24.04: "
                        + CelRules.OBJECT_NAME_SAYS)
        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.image is fixed for life; make a new PlainVm from the other image")
        @JsonPropertyDescription(
                "The system image, by the cloud's name for it, such as debian-13 or ubuntu-24.04. Fixed for" + " life.")
        String image,

        @Size(max = 50)
        @ValidationRule(
                value = "self.all(k, " + CelRules.SHORT_NAME + " || " + CelRules.PUBLIC_KEY + ")",
                message = "spec.sshKeys: each entry is the name of a key in the Account (" + CelRules.SHORT_NAME_SAYS
                        + "), or " + CelRules.PUBLIC_KEY_SAYS)
        @JsonPropertyDescription(
                "Who may log in as root: names of keys in the Account, or public keys as OpenSSH writes"
                        + " them. Written at the first boot. Fixed for life.")
        List<@Size(min = 1, max = 4096) String> sshKeys,

        @Default("false")
        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.oneTimePassword is fixed for life: it is set at the first boot")
        @JsonPropertyDescription(
                "Also give root a password that must be changed at the first login. It is in the Secret"
                        + " <name>-one-time-password: read it once, then delete it. Fixed for life.")
        Boolean oneTimePassword,

        @Default("{}") @JsonPropertyDescription("What may reach the VM from outside. What it may reach is not limited.")
        Firewall firewall,

        @Default("Running")
        @JsonPropertyDescription(
                "Running or Stopped. A stopped VM keeps its disk and its address, and is billed as a" + " running one.")
        OperatingMode operatingMode,

        @Default("Delete")
        @JsonPropertyDescription(
                "What happens to the server when this object is deleted. Delete: it goes, with its disk."
                        + " Orphan: it stays, and is no longer looked after.")
        DeletionPolicy deletionPolicy,

        @Default("Never")
        @JsonPropertyDescription(
                "What to do when the server was deleted behind our back, and its disk with it. Never: say"
                        + " so in a condition. WhenLost: make a new, empty one.")
        Recreate recreate) {

    public enum OperatingMode {
        Running,
        Stopped
    }

    public enum Recreate {
        Never,
        WhenLost
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Firewall(
            @Default("[{\"protocol\":\"tcp\",\"port\":\"22\"}]")
            @Size(max = 50)
            @JsonPropertyDescription(
                    "What is let in; all else is dropped. TCP/22 from anywhere when absent; an empty list"
                            + " closes every port.")
            List<InboundRule> inbound) {}

    @ValidationRule(
            value = "(self.protocol in ['tcp', 'udp']) == has(self.port)",
            message = "spec.firewall.inbound: tcp and udp need a port (\"22\", \"8000-8100\" or \"any\"); icmp, esp and"
                    + " gre have none")
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record InboundRule(
            @Required @JsonPropertyDescription("tcp, udp, icmp, esp or gre.")
            Protocol protocol,

            @Size(min = 1, max = 11)
            @ValidationRule(
                    value = "self == 'any' || (self.matches('^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$')"
                            + " && self.split('-').all(p, int(p) >= 1 && int(p) <= 65535)"
                            + " && int(self.split('-')[0]) <= int(self.split('-')[size(self.split('-')) - 1]))",
                    message = "spec.firewall.inbound.port: \"22\", a range such as \"8000-8100\" (1 to 65535, lower"
                            + " first), or \"any\"")
            @JsonPropertyDescription("One port, a range such as 8000-8100, or any. Only for tcp and udp.")
            String port,

            @Size(min = 1, max = 100)
            @ValidationRule(
                    value = "self.all(s, isCIDR(s) && cidr(s) == cidr(s).masked())",
                    message = "spec.firewall.inbound.sources: networks in CIDR form without host bits, such as"
                            + " 203.0.113.0/24, 2001:db8::/32, or 203.0.113.7/32 for one address")
            @JsonPropertyDescription("From where, as CIDRs; from anywhere when absent.")
            List<@Size(min = 1, max = 49) String> sources,

            @Size(max = 255)
            @ValidationRule(
                    value = CelRules.ONE_LINE,
                    message = "spec.firewall.inbound.description: one line, without control characters")
            @JsonPropertyDescription("What the rule is for. The cloud keeps it beside the rule.")
            String description) {
        private static final List<String> ANYWHERE = List.of("0.0.0.0/0", "::/0");

        /** From anywhere when absent: no default of the schema, since one inside a list item is a change at each apply (H23). */
        public List<String> sourcesOrAnywhere() {
            return sources == null ? ANYWHERE : sources;
        }
    }

    public enum Protocol {
        tcp,
        udp,
        icmp,
        esp,
        gre
    }
}
