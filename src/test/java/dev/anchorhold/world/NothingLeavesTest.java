package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.Prerequisites;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs a whole world in a network of its own, whose only way out is an interface that counts what is sent and leads
 * nowhere: nothing of the world ever leaves 127.0.0.1.
 */
@Tag("slow")
class NothingLeavesTest {
    /** {@code $1} is Java, {@code $2} its class path, {@code $3} the launcher. A look-up of a name would be counted too. */
    private static final String SCRIPT = """
            set -e
            ip link set lo up
            ip link add out type veth peer name nowhere
            echo 1 | tee /proc/sys/net/ipv6/conf/{all,out,nowhere}/disable_ipv6 >/dev/null
            ip address add 192.0.2.1/24 dev out
            ip link set out up
            ip link set nowhere up
            ip route add default via 192.0.2.254 dev out
            sent() { ip -s link show out | awk '/TX:/ { getline; print $2 }'; }
            "$1" -cp "$2" "$3" up --detach --guests=schema --speed=50
            . "$ANCHORHOLD_WORLD/env"
            ./dev kubectl apply --filename=k8s-dev/samples/plainvm.yaml
            ./dev kubectl wait --for=condition=Ready plainvm/web --timeout=90s
            ./dev hcloud server list
            ./dev api accounts
            ./dev status
            ./dev kubectl delete plainvm web --timeout=90s
            "$1" -cp "$2" "$3" down
            echo "packets sent by the world: $(sent)"
            timeout 2 bash -c '</dev/tcp/192.0.2.254/443' || true
            echo "packets sent by an attempt: $(sent)"
            """;

    @TempDir
    Path world;

    @AfterEach
    void leave_nothing_behind() {
        new DevCommand(world).java("reset");
    }

    @Test
    void H30_the_world_sends_nothing_to_any_other_machine() {
        Assumptions.assumeTrue(
                System.getProperty("user.name").equals("root") && Prerequisites.onPath("ip"),
                "a network of its own takes root and iproute2");
        var here = new DevCommand(world);
        String output = here.run(
                        "unshare",
                        "--net",
                        "bash",
                        "-c",
                        SCRIPT,
                        "bash",
                        ProcessHandle.current().info().command().orElseThrow(),
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Dev.class.getName())
                .assertSuccess()
                .output();
        assertThat(output).contains("connectors at 127.0.0.1:").contains("packets sent by the world: 0\n");
        assertThat(output)
                .as("an attempt would have been counted")
                .containsPattern("packets sent by an attempt: [1-9]");
    }
}
