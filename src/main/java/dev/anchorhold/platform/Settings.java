package dev.anchorhold.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;
import java.util.Set;

/** What a process is told at its start: properties {@code anchorhold.*}, or environment variables {@code ANCHORHOLD_*}. */
@ConfigMapping(prefix = "anchorhold")
public interface Settings {

    /** What this process does; all roles by default. So far there is one. */
    @WithDefault("operator")
    Set<Role> roles();

    /** What marks this installation's objects in the cloud; the UID of the namespace kube-system when absent. */
    Optional<String> installation();

    /** The operator's own namespace: its Lease and the providers' tokens are there. */
    @WithDefault("anchorhold-system")
    String namespace();

    /** Who this process is among the operators that stand for election; a Pod's name in a cluster. */
    @WithDefault("local")
    String identity();

    enum Role {
        OPERATOR
    }
}
