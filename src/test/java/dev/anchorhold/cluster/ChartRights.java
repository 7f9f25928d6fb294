package dev.anchorhold.cluster;

import dev.anchorhold.cluster.AuditLog.Access;
import dev.anchorhold.world.Programs;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the chart's ServiceAccounts may do, as a release's manifests say, one by one, each with the line that says it. */
final class ChartRights {
    private static final Pattern SOURCE = Pattern.compile("# Source: anchorhold/(templates/\\S+)");

    /** @param template the file that it comes from, in the chart's folder */
    private record Document(String template, HasMetadata object) {}

    /**
     * One thing that a ServiceAccount may do.
     *
     * @param where the template with the line of the rule
     * @param namespace empty for all
     * @param names empty for all
     * @param resource with a subresource behind a slash; the path of what is no resource
     */
    record Right(
            String where,
            String account,
            String namespace,
            String verb,
            String group,
            String resource,
            List<String> names) {
        boolean allows(Access access) {
            return access.account().equals(account)
                    && access.verb().equals(verb)
                    && access.group().equals(group)
                    && access.resource().equals(resource)
                    && (namespace.isEmpty() || access.namespace().equals(namespace))
                    && (names.isEmpty() || names.contains(access.name()));
        }

        @Override
        public String toString() {
            return "%s: %s may %s %s%s%s"
                    .formatted(
                            where,
                            account,
                            verb,
                            group.isEmpty() ? resource : resource + "." + group,
                            names.isEmpty() ? "" : " " + names,
                            namespace.isEmpty() ? "" : " in " + namespace);
        }
    }

    private final List<Document> documents = new ArrayList<>();
    private final List<Right> rights = new ArrayList<>();

    /** @param manifests as Helm tells them of a release */
    ChartRights(String manifests) {
        for (String text : manifests.split("(?m)^---$")) {
            Matcher source = SOURCE.matcher(text);
            if (source.find() && new KubernetesSerialization().unmarshal(text) instanceof HasMetadata object) {
                documents.add(new Document(source.group(1), object));
            }
        }
        for (Document it : documents) {
            switch (it.object) {
                case ClusterRoleBinding binding -> grant(binding.getRoleRef(), binding.getSubjects(), "");
                case RoleBinding binding ->
                    grant(
                            binding.getRoleRef(),
                            binding.getSubjects(),
                            binding.getMetadata().getNamespace());
                default -> {}
            }
        }
    }

    List<Right> all() {
        return rights;
    }

    private void grant(RoleRef role, List<Subject> accounts, String namespace) {
        for (Document it : documents) {
            if (it.object.getKind().equals(role.getKind())
                    && it.object.getMetadata().getName().equals(role.getName())
                    && (namespace.isEmpty()
                            || it.object instanceof ClusterRole
                            || it.object.getMetadata().getNamespace().equals(namespace))) {
                for (PolicyRule rule : rules(it.object)) {
                    accounts.forEach(account -> grant(it.template, rule, account.getName(), namespace));
                }
            }
        }
    }

    private static List<PolicyRule> rules(HasMetadata role) {
        return role instanceof ClusterRole clusterRole ? clusterRole.getRules() : ((Role) role).getRules();
    }

    private void grant(String template, PolicyRule rule, String account, String namespace) {
        List<String> resources = new ArrayList<>(rule.getResources());
        resources.addAll(rule.getNonResourceURLs());
        List<String> groups = rule.getApiGroups().isEmpty() ? List.of("") : rule.getApiGroups();
        for (String resource : resources) {
            String where = "helm/anchorhold/" + template + lineOf(template, resource, rule);
            for (String group : groups) {
                for (String verb : rule.getVerbs()) {
                    rights.add(new Right(where, account, namespace, verb, group, resource, rule.getResourceNames()));
                }
            }
        }
    }

    /** The line that names the resource, of a rule with these verbs. */
    private static String lineOf(String template, String resource, PolicyRule rule) {
        try {
            List<String> lines = Files.readAllLines(
                    Path.of(Programs.CHECKOUT + "/helm/anchorhold").resolve(template));
            for (int i = 0; i < lines.size(); i++) {
                String ahead = String.join("", lines.subList(i, Math.min(i + 3, lines.size())));
                if (lists(lines.get(i), List.of(resource)) && lists(ahead, rule.getVerbs())) {
                    return ":" + (i + 1);
                }
            }
            return "";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean lists(String text, List<String> words) {
        return Arrays.asList(text.split("[\\[\\], ]+")).containsAll(words);
    }
}
