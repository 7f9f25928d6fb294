package dev.anchorhold.sim.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests of the validation of user data, alone and in the driver that uses it. */
class CloudInitSchemaTest {

    private static final String GOOD = """
            #cloud-config
            hostname: web-1
            users:
              - name: root
                ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK2XXtLvLCJnuF7wCflpJGhbUjQnhT4dkEul5Y8vKw6e]
            """;

    @Test
    void a_valid_document_has_no_problems() {
        assertThat(CloudInitSchema.check(GOOD)).isEmpty();
    }

    @Test
    void a_wrong_type_is_found_by_both_versions() {
        assertThat(CloudInitSchema.check(GOOD + "runcmd: 5\n"))
                .hasSize(2)
                .anySatisfy(problem ->
                        assertThat(problem).startsWith("cloud-init 22.4").contains("runcmd: 5 is not"))
                .anySatisfy(problem ->
                        assertThat(problem).startsWith("cloud-init 25.").contains("runcmd: 5 is not"));
    }

    @Test
    void a_key_that_does_not_exist_is_found_by_the_newer_version() {
        assertThat(CloudInitSchema.check(GOOD + "hostnmae: x\n"))
                .singleElement()
                .asString()
                .startsWith("cloud-init 25.")
                .contains("'hostnmae' was unexpected");
    }

    @Test
    void broken_yaml_and_a_list_instead_of_a_mapping_are_problems() {
        assertThat(CloudInitSchema.check("#cloud-config\nhostname: [\n")).isNotEmpty();
        assertThat(CloudInitSchema.check("#cloud-config\n- hostname\n")).isNotEmpty();
    }

    @Test
    void problems_do_not_quote_the_users_with_their_password_hashes() {
        var document = """
                #cloud-config
                users:
                  - name: a
                    hashed_passwd: $6$rounds=5000$secret
                    ssh-authorised-keys: [x]
                """;
        assertThat(CloudInitSchema.check(document)).isNotEmpty().noneMatch(problem -> problem.contains("secret"));
    }

    @Test
    void many_documents_are_validated_in_parallel() {
        var counts = IntStream.range(0, 40)
                .parallel()
                .mapToObj(n -> CloudInitSchema.check(n % 2 == 0 ? GOOD + "# " + n : GOOD + "runcmd: " + n)
                        .size())
                .toList();
        assertThat(counts)
                .isEqualTo(IntStream.range(0, 40).mapToObj(n -> n % 2 * 2).toList());
    }

    @Test
    void the_schema_driver_makes_a_machine_on_paper_of_a_good_document() {
        try (var driver = new SchemaDriver()) {
            driver.create(machine(GOOD));
            driver.start(42);
            assertThat(driver.describe(42)).contains("on paper only").contains("valid");
        }
    }

    @Test
    void the_schema_driver_refuses_a_bad_document_with_the_messages() {
        try (var driver = new SchemaDriver()) {
            assertThatThrownBy(() -> driver.create(machine(GOOD + "runcmd: 5\n")))
                    .isInstanceOf(GuestFailure.class)
                    .hasMessageContaining("runcmd: 5 is not");
        }
    }

    @Test
    void the_schema_driver_refuses_user_data_of_more_than_32_KiB() {
        try (var driver = new SchemaDriver()) {
            var longest = GOOD + "#".repeat(32 * 1024 - GOOD.length());
            assertThatCode(() -> driver.create(machine(longest))).doesNotThrowAnyException();
            driver.destroy(42);
            assertThatThrownBy(() -> driver.create(machine(longest + "#"))).hasMessageContaining("32769 bytes");
        }
    }

    private static Machine machine(String userData) {
        return new Machine(
                42,
                "web-1",
                "debian-12",
                "hel1",
                Optional.of("203.0.113.7"),
                Optional.empty(),
                List.of(),
                Optional.of(userData));
    }
}
