package dev.anchorhold.bench;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.Ports;
import dev.anchorhold.world.ThrowawayFolder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * The packaged operator under load, in a JVM of its own on a test environment, with metrics of all three: cluster, cloud and
 * operator.
 */
final class OperatorUnderLoad<T extends HasMetadata> implements AutoCloseable {
    /** As in the chart's container ({@code operator.jvmFlags}): half of its memory limit for the heap. */
    private static final List<String> JVM = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final int APPLY_CONCURRENCY = 16;

    final TestEnvironment testEnvironment;
    private final OperatorProcess operator;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Workload<T> workload;
    private final SharedIndexInformer<T> informer;
    private final Map<String, Instant> applied = new ConcurrentHashMap<>();
    private final Map<String, Instant> ready = new ConcurrentHashMap<>();

    OperatorUnderLoad(Workload<T> workload) {
        this.workload = workload;
        testEnvironment = workload.testEnvironment();
        Map<String, String> environment = new HashMap<>(workload.environment());
        environment.put("ANCHORHOLD_INSTALLATION", testEnvironment.id);
        operator = OperatorProcess.start(new OperatorProcess.Settings(
                        ThrowawayFolder.create(),
                        TestEnvironment.chart().operatorKubeconfig(),
                        Ports.free(),
                        environment,
                        JVM))
                .awaitReady();
        informer = objects().inform(new Watcher());
        for (String kind :
                List.of("providerconfig/" + testEnvironment.provider, "account/" + testEnvironment.account)) {
            ControlPlane.shared().kubectl("wait", "--for=condition=Ready", kind, "--timeout=60s");
        }
    }

    /** Notes when each object was first seen to be Ready. */
    private final class Watcher implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T it) {
            if (workload.ready().test(it)) ready.putIfAbsent(it.getMetadata().getName(), Instant.now());
        }

        @Override
        public void onUpdate(T before, T it) {
            onAdd(it);
        }

        @Override
        public void onDelete(T it, boolean unknown) {}
    }

    private NonNamespaceOperation<T, KubernetesResourceList<T>, Resource<T>> objects() {
        return testEnvironment.kubernetes.resources(workload.kind()).inNamespace(testEnvironment.namespace);
    }

    // ---- doing

    /** Applies objects until there are so many. */
    void growTo(int count) {
        sideBySide(
                IntStream.range(applied.size(), count)
                        .mapToObj("vm-%d"::formatted)
                        .toList(),
                name -> {
                    applied.put(name, Instant.now());
                    workload.apply().accept(name);
                });
    }

    int size() {
        return applied.size();
    }

    void awaitAllReady(Duration timeout) {
        Awaitility.await("all to be Ready")
                .atMost(timeout)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> ready.size() == applied.size());
    }

    /** Stops it and starts it again; it knows nothing then, and looks at everything. */
    void restartOperator() {
        operator.restart();
        operator.awaitReady();
    }

    private static <E> void sideBySide(List<E> all, Consumer<E> work) {
        var turns = new Semaphore(APPLY_CONCURRENCY);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            all.forEach(it -> threads.submit(() -> {
                turns.acquireUninterruptibly();
                try {
                    work.accept(it);
                } finally {
                    turns.release();
                }
            }));
        }
    }

    // ---- measuring

    Instant firstApplied() {
        return applied.values().stream().min(Instant::compareTo).orElseThrow();
    }

    Instant lastReady() {
        return ready.values().stream().max(Instant::compareTo).orElseThrow();
    }

    /** From each object's apply to its being Ready. */
    List<Duration> waits() {
        return applied.entrySet().stream()
                .map(it -> Duration.between(it.getValue(), ready.get(it.getKey())))
                .toList();
    }

    /** From the end of the cloud's last action for a server, as its API tells it, in whole seconds, to its object's being Ready. */
    List<Duration> lags() {
        return lags(this::lastActionOf);
    }

    /** The same by the simulator's own clock, which is half a second later on average. */
    List<Duration> exactLags() {
        return lags(server -> testEnvironment.cloud.console().lastEnd(server));
    }

    private List<Duration> lags(LongFunction<Instant> lastEnd) {
        return objects().list().getItems().stream()
                .map(it -> Duration.between(
                        lastEnd.apply(workload.server().applyAsLong(it)),
                        ready.get(it.getMetadata().getName())))
                .toList();
    }

    private Instant lastActionOf(long server) {
        Instant last = Instant.MIN;
        for (var action : testEnvironment
                .cloud
                .console()
                .act("GET", "/servers/%d/actions".formatted(server), null)
                .get("actions")) {
            var finished = Instant.parse(action.get("finished").asText());
            last = finished.isAfter(last) ? finished : last;
        }
        return last;
    }

    /** The cloud's calls by what they were for, as the operator counts them. */
    static Map<String, Integer> callsByPurpose(MetricsSnapshot operator) {
        return operator.by(it -> it.name().equals("anchorhold_cloud_calls_total"), it -> it.label("purpose"));
    }

    /** Seconds of processor time. */
    static double processorTime(MetricsSnapshot operator) {
        return operator.sum("process_cpu_time_ns_total") / 1e9;
    }

    /** Of every process that takes part, in seconds since its start: this one holds the simulated cloud and applies the objects. */
    Map<String, Double> processorTimes() {
        Map<String, Double> times = new TreeMap<>();
        Stream.concat(
                        Stream.of(ProcessHandle.current()),
                        ProcessHandle.current().descendants())
                .forEach(it -> it.info()
                        .totalCpuDuration()
                        .ifPresent(time -> times.merge(nameOf(it), Percentiles.seconds(time), Double::sum)));
        return times;
    }

    private String nameOf(ProcessHandle process) {
        if (process.equals(ProcessHandle.current())) return "the bench and the simulated cloud";
        if (process.pid() == operator.pid()) return "operator";
        try { // etcd, kube-apiserver and the like are one program by several names
            String name = Files.readString(Path.of("/proc/%d/cmdline".formatted(process.pid())))
                    .split("\0")[0];
            return Path.of(name).getFileName().toString();
        } catch (IOException _) {
            return "ended";
        }
    }

    MetricsSnapshot operatorMetrics() {
        return MetricsSnapshot.parse(get("/q/metrics"));
    }

    static MetricsSnapshot clusterMetrics() {
        return MetricsSnapshot.parse(ControlPlane.shared().client().raw("/metrics"));
    }

    /** Writes that the API server was asked for, by {@code "verb resource"}; Leases and what the cluster does for itself left out. */
    static Map<String, Integer> kubernetesWrites(MetricsSnapshot cluster) {
        var kinds = Set.of("agents", "plainvms", "accounts", "providerconfigs", "events", "secrets");
        var verbs = Set.of("POST", "PUT", "PATCH", "APPLY", "DELETE");
        return cluster.by(
                it -> it.name().equals("apiserver_request_total")
                        && verbs.contains(it.label("verb"))
                        && kinds.contains(it.label("resource")),
                it -> "%s %s%s"
                        .formatted(
                                it.label("verb"),
                                it.label("resource"),
                                it.label("subresource").isEmpty() ? "" : "/" + it.label("subresource")));
    }

    /** What lives in the operator's heap after a full collection, in MiB. */
    long heapMiB() {
        try {
            new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                            Long.toString(operator.pid()),
                            "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return operatorMetrics()
                        .sum(it -> it.name().equals("jvm_memory_used_bytes")
                                && it.label("area").equals("heap"))
                >> 20;
    }

    long residentMiB() {
        try {
            return ImageBench.residentMiB(ProcessHandle.of(operator.pid()).orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String get(String path) {
        try {
            return http.send(
                            HttpRequest.newBuilder(operator.uri().resolve(path)).build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nothing is dismantled: the cloud ends with the bench, and the objects go as if they had never been. */
    @Override
    public void close() {
        informer.close();
        operator.close();
        sideBySide(List.copyOf(applied.keySet()), this::drop);
        drop(testEnvironment.kubernetes.resources(Account.class).withName(testEnvironment.account));
        drop(testEnvironment.kubernetes.resources(ProviderConfig.class).withName(testEnvironment.provider));
        workload.close().run();
        http.close();
    }

    private void drop(String name) {
        drop(objects().withName(name));
    }

    private static <O extends HasMetadata> void drop(Resource<O> object) {
        object.edit(
                it -> { // as the policy "finalizers" wants it: said first, done then
                    var annotations =
                            new HashMap<>(Optional.ofNullable(it.getMetadata().getAnnotations())
                                    .orElse(Map.of()));
                    annotations.putAll(TestEnvironment.abandonment());
                    it.getMetadata().setAnnotations(annotations);
                    return it;
                });
        object.edit(it -> {
            it.getMetadata().setFinalizers(List.of());
            return it;
        });
        object.delete();
    }
}
