package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Happening;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.verify.Kept;
import dev.anchorhold.ledger.verify.Report;
import dev.anchorhold.ledger.verify.Source;
import dev.anchorhold.ledger.verify.Verification;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.Keeping;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.ProductProcess.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A companion's log of 600 entries, two full tiles and a part of one, that was checked and kept; and a superuser of its database. */
final class KeptLog implements AutoCloseable {
    static final int SIZE = 600;
    /** It had a checkpoint there, too. */
    static final int OLDER = 420;

    final Superuser superuser;
    final SigningKey key;
    private final Path folder;
    private final CompanionDatabase place = CompanionDatabase.fresh();
    private final CompanionProcess companion;

    KeptLog(Path folder) throws Exception {
        this.folder = folder;
        superuser = new Superuser(place);
        var keeping = new Keeping(place, folder);
        key = SigningKey.of(CompanionProcess.LOG_ORIGIN, keeping.logKey());
        record(key, lives(0, 15));
        record(key, lives(15, 45));
        record(key, lives(45, 60));
        assertThat(size()).isEqualTo(OLDER);
        record(key, lives(60, 85));
        record(key, Told.provisions(SIZE - 85 * 7).journals());
        superuser.saves();
        var chart = Chart.install(ControlPlane.shared(), Map.of());
        companion = CompanionProcess.start(new Settings(folder, chart.companionKubeconfig(), Map.of()), keeping)
                .awaitReady();
        assertThat(check()).satisfies(report -> {
            assertThat(report.findings()).isEmpty();
            assertThat(report.checkpoint().size()).isEqualTo(SIZE);
        });
    }

    /** Over HTTP, against what the first check kept; one that finds something leaves that as it is. */
    Report check() throws IOException, InterruptedException {
        try (var source = Source.of(companion.uri().resolve("/log").toString())) {
            return Verification.of(source)
                    .against(Kept.in(folder.resolve("kept")))
                    .run();
        }
    }

    void record(SigningKey signer, List<Journal> journals) {
        try (var log = new Log(new Database(place::asApplication), signer, InstantSource.system())) {
            log.record(new Delivery(journals))
                    .outcomes()
                    .forEach(it -> assertThat(it.refusal()).isNull());
        }
    }

    long size() {
        return superuser
                .numbers("SELECT max(size) AS it FROM ledger.checkpoint")
                .getFirst();
    }

    SigningKey anotherKey() throws IOException {
        var file = Files.createTempDirectory(folder, "another").resolve("key.pem");
        return SigningKey.of(CompanionProcess.LOG_ORIGIN, CompanionProcess.logSigningKey(file));
    }

    /** Seven entries each: a resource is made, transferred, stopped, started, stopped, started by somebody, and destroyed. */
    static List<Journal> lives(int from, int to) {
        var journals = new ArrayList<Journal>();
        for (var i = from; i < to; i++) {
            var it = i % 5 == 0 ? Told.plainVm() : Told.agent();
            journals.add(Told.journal(
                    it,
                    Told.provision(),
                    Told.transfer(2, Told.ACCOUNT, "bob"),
                    Told.entry(3, Told.at(3), Happening.STOP, "bob"),
                    Told.entry(4, Told.at(4), Happening.START, "bob"),
                    Told.entry(5, Told.at(5), Happening.STOP, "bob"),
                    Told.entry(6, Told.at(6), Happening.START, "bob"),
                    Told.entry(7, Told.at(7), Happening.DESTROY, "bob")));
        }
        return journals;
    }

    @Override
    public void close() {
        companion.close();
    }
}
