package dev.anchorhold;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.anchorhold.cloud.cloudflare.CloudflareClient;
import dev.anchorhold.cloud.cloudflare.DnsRecordClient;
import dev.anchorhold.cloud.cloudflare.TunnelClient;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.VolumeClient;
import dev.anchorhold.platform.VitalThread;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house's rooms and what each may import: the table of {@code docs/design.md}, enforced. */
@AnalyzeClasses(packages = "dev.anchorhold", importOptions = DoNotIncludeTests.class)
class RoomsTest {

    /** Rooms of the plan that do not stand yet are in it already: who builds one finds its rule here. */
    private static final Map<String, List<String>> MAY_IMPORT = Map.ofEntries(
            entry("resource", List.of()),
            entry("cloud", List.of()),
            entry("guest", List.of("resource")),
            entry("operator", List.of("resource", "cloud", "guest", "ledger.event", "door.message")),
            entry("ledger", List.of()),
            entry("identity", List.of("resource")),
            entry("vault", List.of("identity")),
            entry("door", List.of()),
            entry("gateway", List.of("identity", "ledger")),
            entry("publishing", List.of("identity", "ledger")),
            entry("billing", List.of("identity", "ledger")),
            entry(
                    "api",
                    List.of("resource", "ledger", "identity", "vault", "door", "gateway", "publishing", "billing")),
            entry("dashboard", List.of("resource", "ledger", "identity", "api")),
            entry("platform", List.of()));

    /** What a process cannot do without ends with the process, and never alone. */
    @ArchTest
    static final ArchRule H15_every_thread_that_is_started_is_vital = noClasses()
            .that()
            .doNotBelongToAnyOf(VitalThread.class)
            .should()
            .callMethodWhere(target(owner(belongToAnyOf(Thread.class, Thread.Builder.class)))
                    .and(target(name("ofVirtual"))
                            .or(target(name("ofPlatform")))
                            .or(target(name("start")))
                            .or(target(name("startVirtualThread")))));

    @ArchTest
    static void each_room_imports_only_what_the_table_allows(JavaClasses house) {
        MAY_IMPORT.forEach((room, allowed) -> classes()
                .that()
                .resideInAPackage(in(room))
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage("dev.anchorhold..")
                        .or(resideInAnyPackage(Stream.concat(Stream.of(room, "platform"), allowed.stream())
                                .map(RoomsTest::in)
                                .toArray(String[]::new))))
                .allowEmptyShould(true)
                .check(house));
    }

    private static String in(String room) {
        return "dev.anchorhold." + room + "..";
    }

    @Test
    void every_room_is_in_the_table() throws IOException {
        assertThat(packages("src/main/java"))
                .filteredOn(p -> p.startsWith("dev/anchorhold/"))
                .extracting(p -> p.split("/")[2])
                .isSubsetOf(MAY_IMPORT.keySet());
    }

    @ArchTest
    static final ArchRule rooms_form_no_cycle =
            slices().matching("dev.anchorhold.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packages_form_no_cycle =
            slices().matching("dev.anchorhold.(**)").should().beFreeOfCycles();

    /** So that a stranger can read all of what is in the small jar, and run it with a JDK alone. */
    @ArchTest
    static final ArchRule the_log_is_verified_with_the_JDK_alone = classes()
            .that()
            .resideInAnyPackage("dev.anchorhold.ledger.merkle", "dev.anchorhold.ledger.verify")
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage("java..", "dev.anchorhold.ledger.merkle", "dev.anchorhold.ledger.verify"));

    @ArchTest
    static final ArchRule resources_are_data_and_do_no_io = noClasses()
            .that()
            .resideInAPackage("dev.anchorhold.resource..")
            .should()
            .dependOnClassesThat(DescribedPredicate.<JavaClass>describe(
                    "do I/O, tell the time or run things",
                    c -> c.getPackageName().startsWith("java.nio")
                            || c.getPackageName().startsWith("java.net")
                            || c.getPackageName().startsWith("java.io")
                                    && !c.getSimpleName().equals("Serializable")
                            || c.getPackageName().startsWith("java.time")
                            || c.getPackageName().startsWith("java.util.concurrent")
                            || c.getPackageName().startsWith("okhttp3")
                            || c.getPackageName().startsWith("io.fabric8.kubernetes.client")
                                    && !c.isEquivalentTo(CustomResource.class)
                            || c.getPackageName().startsWith("io.javaoperatorsdk")
                            || c.getPackageName().startsWith("io.quarkus")));

    /** Everything that changes a cloud, or costs a call, is in these few files. */
    @ArchTest
    static final ArchRule few_call_the_cloud = noClasses()
            .that()
            .resideOutsideOfPackage("dev.anchorhold.cloud..")
            .and(DescribedPredicate.not(DescribedPredicate.describe(
                    "are the executors, the orphan sweep, what marks the project, or the zone's proof",
                    c -> Set.of(
                                    "AdoptionExecutor",
                                    "ServerExecutor",
                                    "PlainVmServerExecutor",
                                    "FirewallExecutor",
                                    "AgentServerExecutor",
                                    "VolumeExecutor",
                                    "TunnelExecutor",
                                    "DnsRecordExecutor",
                                    "PlainVmFirewallExecutor",
                                    "OwnedResources",
                                    "OrphanEndings",
                                    "SealedKey",
                                    "DenyAllFirewall",
                                    "CloudflareSession",
                                    "CloudflareSessions")
                            .contains(outermost(c)))))
            .should()
            .callMethodWhere(target(owner(belongToAnyOf(
                    HetznerClient.class,
                    VolumeClient.class,
                    CloudflareClient.class,
                    TunnelClient.class,
                    DnsRecordClient.class))));

    /** What a kind is can be read with no HTTP, no JSON and no clock; and so it can be tested as a table. */
    @ArchTest
    static final ArchRule deciders_are_pure = noClasses()
            .that()
            .haveSimpleNameEndingWith("Decider")
            .or()
            .haveSimpleNameEndingWith("PlanBuilder")
            .or()
            .haveSimpleNameEndingWith("Report")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "okhttp3..",
                    "com.fasterxml..",
                    "io.fabric8.kubernetes.client..",
                    "io.javaoperatorsdk..",
                    "io.quarkus..",
                    "java.io..",
                    "java.nio..",
                    "java.net..",
                    "java.util.concurrent..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.time.InstantSource.class)
            .orShould()
            .dependOnClassesThat(belongToAnyOf(HetznerClient.class))
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule what_ships_knows_nothing_of_simulators_or_test_libraries = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.anchorhold.sim..",
                    "dev.anchorhold.world..",
                    "dev.anchorhold.bench..",
                    "org.junit..",
                    "org.assertj..",
                    "org.awaitility..",
                    "com.tngtech..",
                    "com.github.tomakehurst..",
                    "picocli..");

    /** Quarkus' router; the simulators have servers of their own on it. */
    @ArchTest
    static final ArchRule requests_are_routed_in_one_place = noClasses()
            .that(resideOutsideOfPackage("dev.anchorhold.platform.web"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx.ext..");

    @Test
    void every_package_says_what_lives_in_it() throws IOException {
        assertThat(packages("src/main/java"))
                .isNotEmpty()
                .allSatisfy(p -> assertThat(Path.of("src/main/java", p, "package-info.java"))
                        .exists());
        // A test package that mirrors one of the house's is introduced there.
        assertThat(packages("src/test/java"))
                .isNotEmpty()
                .allSatisfy(p -> assertThat(List.of("src/main/java", "src/test/java"))
                        .anyMatch(tree -> Files.exists(Path.of(tree, p, "package-info.java"))));
    }

    private static Set<String> packages(String tree) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(tree))) {
            return files.filter(f -> f.toString().endsWith(".java"))
                    .map(f -> Path.of(tree).relativize(f.getParent()).toString())
                    .collect(Collectors.toSet());
        }
    }

    private static String outermost(JavaClass nested) {
        JavaClass outer = nested;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer.getSimpleName();
    }
}
