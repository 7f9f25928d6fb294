package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
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
                    message =
                            "spec.providerConfigRef.name: the name of a ProviderConfig: lower-case letters, digits, '-' and"
                                    + " '.'")
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
            Integer agents) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SshKey(
            @Required
            @Size(min = 1, max = 63)
            @ValidationRule(
                    value = "[self].all(k, " + CelRules.SHORT_NAME + ")",
                    message = "spec.sshKeys.name: lower-case letters, digits and '-', such as laptop")
            @JsonPropertyDescription("The name by which VMs ask for the key.")
            String name,

            @Required
            @Size(max = 4096)
            @ValidationRule(
                    value = "[self].all(k, " + CelRules.PUBLIC_KEY + ")",
                    message = "spec.sshKeys.publicKey: an OpenSSH public key as it is in ~/.ssh/id_ed25519.pub:"
                            + " 'ssh-ed25519 AAAA… comment', on one line, without a line break at its end, options before it,"
                            + " or control characters in the comment; never a private key")
            @JsonPropertyDescription("The key, as one line of OpenSSH's format.")
            String publicKey) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Member(
            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.SUBJECT,
                    message = "spec.members.subject: an OIDC subject or an e-mail address, without spaces; or"
                            + " system:serviceaccount:NAMESPACE:NAME")
            @JsonPropertyDescription("Who: an OIDC subject, an e-mail address, or a ServiceAccount of this cluster as"
                    + " system:serviceaccount:NAMESPACE:NAME.")
            String subject,

            @Default("Viewer")
            @JsonPropertyDescription("Viewer reads. Owner reads too, and will change what members may change.")
            Role role) {}

    /** What a member may do. */
    public enum Role {
        Owner,
        Viewer
    }
}
