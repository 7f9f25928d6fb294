package dev.anchorhold.operator.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceEnding;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.operator.door.CompanionClient;
import dev.anchorhold.operator.fleet.RestoreWindow;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountSpec;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What vanished from Kubernetes without its journal's end does not go on being billed unnoticed. */
class UnownedPeriodsTest {
    private static AgentTestEnvironment stage;

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private InProcessOperator operator;

    @BeforeAll
    static void open() {
        stage = new AgentTestEnvironment();
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @AfterEach
    void end() {
        stopOperator();
    }

    private void startOperator() {
        operator = new InProcessOperator(
                TestEnvironment.chart().operatorKubeconfig(),
                stage.testEnvironment.id,
                InProcessOperator.QUICK,
                () -> Instant.now().plus(ahead.get()),
                Optional.of(new InProcessOperator.Companion(
                        AgentTestEnvironment.companion().internalUri(),
                        AgentTestEnvironment.companion().doorUri(),
                        TestEnvironment.chart().operatorTokenForCompanion())));
    }

    private void stopOperator() {
        if (operator != null) {
            operator.close();
            operator = null;
        }
    }

    @Test
    void H03_what_the_orphan_sweep_deletes_ends_in_the_books_at_the_clouds_own_instant_and_at_the_door() {
        startOperator();
        stage.apply("swept");
        String uid = stage.awaitReady("swept").getMetadata().getUid();
        await().until(() -> events(uid).size() == 1);
        stopOperator();
        takeAway(stage.agent("swept"));

        stage.kubernetes
                .resource(stage.testEnvironment.providerConfig(Firewalls.PerVm, Orphans.Delete))
                .forceConflicts()
                .serverSideApply();
        ahead.set(Duration.ofDays(4)); // no restore is waited for any more (H09)
        startOperator();
        await().pollInterval(Duration.ofSeconds(1))
                .until(
                        () -> { // the clouds are read in between
                            goOn();
                            return events(uid).size() == 2;
                        });
        var destroyed = events(uid).getLast();
        assertThat(destroyed.event()).isEqualTo("destroy");
        assertThat(destroyed.reason()).startsWith("orphan: ");
        assertThat(destroyed.at())
                .as("the cloud's own instant, not the operator's clock, which is ahead")
                .isBefore(Instant.now().plusSeconds(60));
        assertThat(isRevoked(uid)).isTrue();
        stage.kubernetes
                .resource(stage.testEnvironment.providerConfig(Firewalls.PerVm, Orphans.Report))
                .forceConflicts()
                .serverSideApply();
    }

    @Test
    void H03_an_open_period_of_what_exists_nowhere_is_reported() {
        startOperator();
        var vm = stage.testEnvironment.apply("lost");
        long server = stage.testEnvironment.awaitReady("lost").getStatus().serverId();
        String uid = vm.getMetadata().getUid();
        await().until(() -> events(uid).size() == 1);
        await().until(() -> periodsOwned().filter(Condition::holds).isPresent());
        stopOperator();
        takeAway(stage.testEnvironment.vm("lost"));
        stage.testEnvironment.cloud.console().deleteServer(server);

        startOperator();
        await().pollInterval(Duration.ofSeconds(1))
                .until(
                        () -> { // the clouds are read in between
                            goOn();
                            return periodsOwned().filter(c -> !c.holds()).isPresent();
                        });
        assertThat(periodsOwned().orElseThrow()).satisfies(it -> {
            assertThat(it.reason()).isEqualTo(Reasons.PERIOD_WITHOUT_OBJECT);
            assertThat(it.message()).contains("PlainVm", "/lost", uid, "correction");
        });
        assertThat(operator.metrics
                        .find("anchorhold.books.periods.unowned")
                        .gauge()
                        .value())
                .isGreaterThanOrEqualTo(1);
        assertThat(events(uid)).as("nobody ends it silently").hasSize(1);
    }

    @Test
    void H09_what_a_restore_may_yet_bring_back_is_not_reported_and_no_guest_loses_its_rights_meanwhile() {
        String unbuilt = "unbuilt-" + stage.testEnvironment.id;
        String adopted = uid("0");
        String elsewhere = uid("1");
        String lost = uid("e"); // after the others, as the books have them in order
        String lostWithAccount = uid("f");
        bookOpenPeriod(adopted, stage.testEnvironment.account);
        bookOpenPeriod(elsewhere, unbuilt);
        bookOpenPeriod(lost, stage.testEnvironment.account);
        bookOpenPeriod(lostWithAccount, "gone-" + stage.testEnvironment.id);
        stage.testEnvironment.apply("successor");
        annotate(stage.testEnvironment.vm("successor"), Map.of(ApiNames.ADOPT_FROM, adopted));
        stage.kubernetes.resource(accountWithoutProviderConfig(unbuilt)).create();
        try {
            startOperator();
            await().pollInterval(Duration.ofSeconds(1)).until(() -> {
                goOn();
                return periodsOwned().filter(c -> c.message().contains(lost)).isPresent();
            });
            assertThat(periodsOwned().orElseThrow().message()).doesNotContain(adopted);
            assertThat(isRevoked(lost))
                    .as("its ProviderConfig is new in this cluster")
                    .isFalse();

            ahead.updateAndGet(d -> d.plus(RestoreWindow.LENGTH));
            await().pollInterval(Duration.ofSeconds(1)).until(() -> {
                goOn();
                return isRevoked(lost) && isRevoked(lostWithAccount);
            });
            assertThat(isRevoked(adopted)).isFalse();
            assertThat(isRevoked(elsewhere)).isFalse();
            assertThat(periodsOwned(unbuilt).filter(c -> !c.holds()))
                    .as("nobody has looked into its cloud")
                    .isEmpty();
        } finally {
            stage.testEnvironment.vm("successor").delete();
            stage.testEnvironment.awaitGone("successor");
            var account = stage.kubernetes.resources(Account.class).withName(unbuilt);
            account.delete();
            await().until(() -> account.get() == null);
            Stream.of(adopted, elsewhere, lost, lostWithAccount).forEach(UnownedPeriodsTest::endInBooks);
        }
    }

    private static String uid(String first) {
        return first + UUID.randomUUID().toString().substring(1);
    }

    /** As the books have it after a restore of theirs: an Agent that no cluster and no cloud has any more. */
    private static void bookOpenPeriod(String uid, String account) {
        var companion = companionClient();
        var provision = new LedgerEntry(
                1,
                Instant.now().truncatedTo(ChronoUnit.MICROS),
                EventType.PROVISION,
                State.Running,
                account,
                null,
                null);
        companion.send(
                "POST",
                companion.url("internal/v1/journals").build(),
                new Delivery(List.of(new ResourceJournal(
                        new Subject(Kind.Agent, uid, stage.testEnvironment.namespace, "lost", "eu", "small"),
                        List.of(provision)))));
        assertThat(events(uid)).hasSize(1);
    }

    private static void endInBooks(String uid) {
        new Books(Optional.of(companionClient())).end(new ResourceEnding(uid, Instant.now(), null, "the test is over"));
    }

    private static CompanionClient companionClient() {
        return new CompanionClient(
                AgentTestEnvironment.companion().internalUri().toString(),
                TestEnvironment.chart().operatorTokenForCompanion(),
                new OkHttpClient());
    }

    private static Account accountWithoutProviderConfig(String name) {
        var account = stage.testEnvironment.account(name, null, null);
        var spec = account.getSpec();
        account.setSpec(new AccountSpec(
                spec.displayName(),
                new AccountSpec.ProviderConfigRef("not-restored-yet"),
                spec.namespaces(),
                spec.quotas(),
                spec.sshKeys(),
                spec.members()));
        return account;
    }

    @Test
    void H03_a_finalizer_that_a_person_takes_off_is_an_event_with_their_name() {
        startOperator();
        var vm = stage.testEnvironment.apply("let-go");
        stage.testEnvironment.awaitReady("let-go");
        String uid = vm.getMetadata().getUid();
        await().until(() -> events(uid).size() == 1);
        takeAway(stage.testEnvironment.vm("let-go"));

        await().until(() -> events(uid).size() == 2);
        var destroyed = events(uid).getLast();
        assertThat(destroyed.event()).isEqualTo("destroy");
        assertThat(destroyed.by()).isEqualTo(ControlPlane.shared().user());
        assertThat(destroyed.reason())
                .as("by the operator, or by the person, whoever was first")
                .startsWith("abandoned: ");
    }

    /** As somebody who holds the verb abandon takes the finalizer off. */
    private static <T extends HasMetadata> void takeAway(Resource<T> object) {
        annotate(object, TestEnvironment.abandonment());
        object.delete();
        object.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
        await().until(() -> object.get() == null);
    }

    private static <T extends HasMetadata> void annotate(Resource<T> object, Map<String, String> annotations) {
        object.edit(it -> {
            var all = new HashMap<>(
                    Optional.ofNullable(it.getMetadata().getAnnotations()).orElse(Map.of()));
            all.putAll(annotations);
            it.getMetadata().setAnnotations(all);
            return it;
        });
    }

    /** Two minutes later, and looked at again. */
    private void goOn() {
        ahead.updateAndGet(d -> d.plusMinutes(2));
        stage.kubernetes
                .resources(ProviderConfig.class)
                .withName(stage.testEnvironment.provider)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"poked\":\"%s\"}}}".formatted(Instant.now()));
    }

    private static Optional<Condition> periodsOwned() {
        return periodsOwned(stage.testEnvironment.account);
    }

    private static Optional<Condition> periodsOwned(String account) {
        var status = stage.kubernetes
                .resources(Account.class)
                .withName(account)
                .get()
                .getStatus();
        return Optional.ofNullable(status).flatMap(s -> Condition.find(s.conditions(), Reasons.PERIODS_OWNED));
    }

    private record BookedEvent(String event, Instant at, String by, String reason) {}

    private static List<BookedEvent> events(String uid) {
        try (var connection = AgentTestEnvironment.database().asApplication().getConnection();
                var query = connection.prepareStatement(
                        "SELECT event, at, asked_by, reason FROM ledger.event WHERE resource = ?::uuid ORDER BY index")) {
            query.setString(1, uid);
            var rows = query.executeQuery();
            List<BookedEvent> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new BookedEvent(
                        rows.getString(1), rows.getTimestamp(2).toInstant(), rows.getString(3), rows.getString(4)));
            }
            return all;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isRevoked(String uid) {
        try (var connection = AgentTestEnvironment.database().asApplication().getConnection();
                var query = connection.prepareStatement(
                        "SELECT deleted_at IS NOT NULL FROM door.guest WHERE agent = ?::uuid")) {
            query.setString(1, uid);
            var rows = query.executeQuery();
            return rows.next() && rows.getBoolean(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
