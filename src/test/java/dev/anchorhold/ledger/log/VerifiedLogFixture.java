package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.verify.LocalMirror;
import dev.anchorhold.ledger.verify.LogSource;
import dev.anchorhold.ledger.verify.Verification;
import dev.anchorhold.ledger.verify.VerificationReport;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
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
final class VerifiedLogFixture implements AutoCloseable {
    static final int SIZE = 600;
    /** It had a checkpoint there, too. */
    static final int OLDER = 420;

    final Superuser superuser;
    final SigningKey key;
    private final Path folder;
    private final CompanionDatabase postgres = CompanionDatabase.fresh();
    private final CompanionProcess companion;

    VerifiedLogFixture(Path folder) throws Exception {
        this.folder = folder;
        superuser = new Superuser(postgres);
        var databaseAndKeys = new DatabaseAndKeys(postgres, folder);
        key = SigningKey.of(CompanionProcess.LOG_ORIGIN, databaseAndKeys.logKey());
        record(key, journals(0, 15));
        record(key, journals(15, 45));
        record(key, journals(45, 60));
        assertThat(size()).isEqualTo(OLDER);
        record(key, journals(60, 85));
        record(key, SampleEntries.provisions(SIZE - 85 * 7).journals());
        superuser.save();
        var chart = Chart.install(ControlPlane.shared(), Map.of());
        companion = CompanionProcess.start(new Settings(folder, chart.companionKubeconfig(), Map.of()), databaseAndKeys)
                .awaitReady();
        assertThat(check()).satisfies(report -> {
            assertThat(report.findings()).isEmpty();
            assertThat(report.checkpoint().size()).isEqualTo(SIZE);
        });
    }

    /** Over HTTP, against what the first check kept; one that finds something leaves that as it is. */
    VerificationReport check() throws IOException, InterruptedException {
        try (var source = LogSource.of(companion.uri().resolve("/log").toString())) {
            return Verification.of(source)
                    .against(LocalMirror.open(folder.resolve("kept")))
                    .run();
        }
    }

    void record(SigningKey signer, List<ResourceJournal> journals) {
        try (var log = new TransparencyLog(new Database(postgres::asApplication), signer, InstantSource.system())) {
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
    static List<ResourceJournal> journals(int from, int to) {
        var journals = new ArrayList<ResourceJournal>();
        for (var i = from; i < to; i++) {
            var it = i % 5 == 0 ? SampleEntries.plainVm() : SampleEntries.agent();
            journals.add(SampleEntries.journal(
                    it,
                    SampleEntries.provision(),
                    SampleEntries.transfer(2, SampleEntries.ACCOUNT, "bob"),
                    SampleEntries.entry(3, SampleEntries.at(3), EventType.STOP, "bob"),
                    SampleEntries.entry(4, SampleEntries.at(4), EventType.START, "bob"),
                    SampleEntries.entry(5, SampleEntries.at(5), EventType.STOP, "bob"),
                    SampleEntries.entry(6, SampleEntries.at(6), EventType.START, "bob"),
                    new LedgerEntry(
                            7,
                            SampleEntries.at(7),
                            EventType.DESTROY,
                            null,
                            "bob",
                            null,
                            "boss",
                            "orphaned: spec.deletionPolicy Orphan")));
        }
        return journals;
    }

    @Override
    public void close() {
        companion.close();
    }
}
