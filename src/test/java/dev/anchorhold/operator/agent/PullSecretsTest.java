package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.door.message.RegistryLogin;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of a Docker configuration's logins is a repository's, as Docker itself writes such files. */
class PullSecretsTest {

    private static String config(String... entries) {
        return "{\"auths\": {%s}}".formatted(String.join(", ", entries));
    }

    private static String entry(String place, String user) {
        return "\"%s\": {\"username\": \"%s\", \"password\": \"secret-of-%2$s\"}".formatted(place, user);
    }

    @ParameterizedTest
    @CsvSource({
        "ghcr.io/acme/agent, ghcr.io, acme",
        "ghcr.io/acme/other, ghcr.io, acme",
        "ghcr.io/acmecorp/agent, ghcr.io, all",
        "registry.example.com:5000/agent, registry.example.com:5000, port",
        "agent, docker.io, hub",
        "acme/agent, docker.io, hub",
        "docker.io/acme/agent, docker.io, hub",
        "quay.io/acme/agent, , ",
        "registry.example.com/agent, , "
    })
    void H26_a_repository_has_the_login_of_its_own_registry_and_of_no_other(
            String repository, String server, String user) {
        String config = config(
                entry("ghcr.io", "all"),
                entry("https://ghcr.io/acme", "acme"),
                entry("registry.example.com:5000", "port"),
                entry("https://index.docker.io/v1/", "hub"));
        var found = PullSecrets.find(config, repository);
        if (user == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).contains(new RegistryLogin(server, user, "secret-of-" + user));
        }
    }

    @Test
    void H26_user_and_password_may_be_one_text_as_docker_login_writes_them() {
        String auth = Base64.getEncoder().encodeToString("robot:pass:word".getBytes());
        assertThat(PullSecrets.find("{\"auths\": {\"ghcr.io\": {\"auth\": \"%s\"}}}".formatted(auth), "ghcr.io/a/b"))
                .contains(new RegistryLogin("ghcr.io", "robot", "pass:word"));
    }

    @Test
    void H26_what_is_no_login_is_none() {
        for (String config : new String[] {
            "",
            "null",
            "no json",
            "{}",
            "{\"auths\": []}",
            "{\"auths\": {\"ghcr.io\": {}}}",
            "{\"auths\": {\"ghcr.io\": {\"auth\": \"%%%\"}}}",
            "{\"auths\": {\"ghcr.io\": \"text\"}}",
            config(entry("ghcr.io", "x".repeat(2000)))
        }) {
            assertThat(PullSecrets.find(config, "ghcr.io/acme/agent"))
                    .as(config)
                    .isEmpty();
        }
    }

    @Test
    void H26_a_login_shows_nothing_of_itself() {
        assertThat(new RegistryLogin("ghcr.io", "robot", "secret").toString()).isEqualTo("RegistryLogin[ghcr.io]");
    }
}
