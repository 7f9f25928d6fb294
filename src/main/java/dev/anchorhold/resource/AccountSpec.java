package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Desired state of an Account: where it builds, its quotas, SSH keys and members. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AccountSpec(
        @Size(max = 200)
        @ValidationRule(value = CelRules.ONE_LINE, message = "spec.displayName: one line, without control characters")
        @JsonPropertyDescription("The account's name for people.")
        String displayName,

        @Required
        @ValidationRule(
                value = "self == oldSelf",
                message = "spec.providerConfigRef is fixed for life: the account's servers stand in that cloud; make a"
                        + " new Account for another one")
        @JsonPropertyDescription("The ProviderConfig whose cloud this account's servers are built in. Fixed for life.")
        ProviderConfigRef providerConfigRef,

        @Size(max = 500)
        @ValidationRule(
                value = "self.all(k, " + CelRules.SHORT_NAME + ")",
                message = "spec.namespaces: names of namespaces: lower-case letters, digits and '-'")
        @JsonPropertyDescription(
                "The namespaces whose PlainVms and Agents may name this account; none when absent. What was admitted stays"
                        + " when its namespace is taken out.")
        List<@Size(min = 1, max = 63) String> namespaces,

        @JsonPropertyDescription("How much the account may have. Without a limit there is none but the cloud's own.")
        Quotas quotas,

        @Size(max = 50)
        @JsonPropertyDescription(
                "SSH public keys that the account's VMs may name in spec.sshKeys. A key is written into a"
                        + " VM when it is made; removing it here takes it out of no VM that has it.")
        List<SshKey> sshKeys,

        @Size(max = 200)
        @JsonPropertyDescription("Who may see the account's books: its events, periods, usage and statements.")
        List<Member> members) {

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ProviderConfigRef(
            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.OBJECT_NAME,
                    message = "spec.providerConfigRef.name: the name of a ProviderConfig: " + CelRules.OBJECT_NAME_SAYS)
            @JsonPropertyDescription("The ProviderConfig's name.")
            String name) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Quotas(
            @Min(0)
            @JsonPropertyDescription(
                    "How many PlainVms the account may have at once, stopped ones included. VMs that are"
                            + " there already stay when the limit is lowered.")
            Integer plainVms,

            @Min(0)
            @JsonPropertyDescription(
                    "How many Agents the account may have at once, paused ones included. Agents that are there"
                            + " already stay when the limit is lowered.")
            Integer agents,

            @Min(0)
            @JsonPropertyDescription(
                    "How many GiB the data volumes of the account's Agents may have together, paused ones included. Volumes"
                            + " that are there already stay, as large as they are, when the limit is lowered.")
            Integer volumeGiB) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SshKey(
            @Required
            @Size(min = 1, max = 63)
            @ValidationRule(
                    value = "[self].all(k, " + CelRules.SHORT_NAME + ")",
                    message = "spec.sshKeys.name: " + CelRules.SHORT_NAME_SAYS + ", such as laptop")
            @JsonPropertyDescription("The name by which VMs ask for the key.")
            String name,

            @Required
            @Size(max = 4096)
            @ValidationRule(
                    value = "[self].all(k, " + CelRules.PUBLIC_KEY + ")",
                    message = "spec.sshKeys.publicKey: " + CelRules.PUBLIC_KEY_SAYS)
            @JsonPropertyDescription("The key, as one line of OpenSSH's format.")
            String publicKey) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Member(
            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.SUBJECT,
                    message = "spec.members.subject: an OIDC subject or an e-mail address, without spaces and control"
                            + " characters; of what begins with system: only system:serviceaccount:NAMESPACE:NAME")
            @JsonPropertyDescription("Who: an OIDC subject, an e-mail address, or a ServiceAccount of this cluster as"
                    + " system:serviceaccount:NAMESPACE:NAME.")
            String subject,

            @JsonPropertyDescription(
                    "Viewer reads. Owner reads too, and will change what members may change. Viewer when absent.")
            Role role) {}

    /** What a member may do. */
    public enum Role {
        Owner,
        Viewer
    }
}
