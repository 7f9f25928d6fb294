package dev.anchorhold.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Configuration of a process: properties {@code anchorhold.*}, or environment variables {@code ANCHORHOLD_*}. */
@ConfigMapping(prefix = "anchorhold")
public interface Settings {

    /** What this process does. {@link RoleConfigSourceFactory} turns the database on and off accordingly. */
    @WithDefault("operator")
    Set<Role> roles();

    /** What marks this installation's objects in the cloud; the UID of the namespace kube-system when absent. */
    Optional<String> installation();

    /** The operator's own namespace: its Lease is there. */
    @WithDefault("anchorhold-system")
    String namespace();

    /** Who this process is among the operators that stand for election; a Pod's name in a cluster. */
    @WithDefault("local")
    String identity();

    Http http();

    Provider provider();

    Database database();

    Door door();

    Companion companion();

    Ledger ledger();

    Api api();

    SignIn signIn();

    Check check();

    Tracing tracing();

    /** Where a process listens. The operator has the management port alone. */
    interface Http {
        @WithDefault("127.0.0.1")
        String host();

        /** {@code /guest/}, {@code /api/} and {@code /log/}, for an ingress. */
        @WithDefault("8080")
        int port();

        /** {@code /internal/}, for the operator. */
        @WithDefault("8081")
        int internalPort();

        /** {@code /guest/} alone: for what leads guests here without looking at paths. */
        @WithDefault("8082")
        int doorPort();

        /** Health and metrics. Used by application.properties, as {@link #host()} is. */
        @WithDefault("9000")
        int managementPort();
    }

    /** Of the ProviderConfigs, what the installation decides rather than they. */
    interface Provider {
        /** Where the Secrets with their tokens are: the operator's own namespace with {@code -tokens} behind it when absent. */
        Optional<String> tokenNamespace();

        /** Where tokens may be sent besides the clouds' own addresses: {@code https://HOST[:PORT]}, with a port of * for any. */
        Optional<List<String>> endpoints();
    }

    /** The companion's database. Used by application.properties; here so that a misspelt name is refused. */
    interface Database {
        /** {@code jdbc:postgresql://HOST/DATABASE}. */
        Optional<String> url();

        /** The application's user: works on the tables, owns nothing. */
        @WithDefault("anchorhold")
        String username();

        Optional<String> password();

        @WithDefault("10")
        int connections();

        /** Who owns the schema; for the role migration alone. */
        Owner owner();

        interface Owner {
            @WithDefault("anchorhold-owner")
            String username();

            Optional<String> password();
        }
    }

    interface Door {
        /** What guests dial, as it is written into their servers' user data: {@code https://door.example.org}. */
        Optional<String> url();

        /**
         * Files with a sealing key each, 32 bytes in base64: the first seals, all open. To change keys, add the new one at the
         * end everywhere, then put it first, then drop the old one when nothing is sealed with it any more.
         */
        Optional<List<Path>> keys();

        /** Attempts without a valid token that one address has in a minute, and at once, in this process; also at the API. */
        @WithDefault("60")
        int attemptsPerMinute();

        /** Networks whose word on X-Forwarded-For is taken: {@code 10.0.0.0/8}. */
        Optional<List<String>> trustedProxies();
    }

    /** How operator and companion find and know each other. */
    interface Companion {
        /** Where the operator finds the companion's internal API. */
        Optional<String> url();

        /** The operator's ServiceAccount token of audience {@code anchorhold-companion}; read again when it is used. */
        Optional<Path> tokenFile();

        /** Who may call the internal API; the chart's operator in our own namespace when absent. */
        Optional<List<String>> callers();
    }

    /** The books. */
    interface Ledger {
        /** The file with the key that signs checkpoints: Ed25519, PKCS #8 in PEM, as {@code openssl genpkey -algorithm ed25519} makes it. */
        Optional<Path> logKey();

        /**
         * Keys that signed the log before this one, as {@code /log/key} gave them: {@code name+id+base64}. Nothing is built on a
         * checkpoint that none of them signed. One is needed until the first entry after the change.
         */
        Optional<List<String>> previousKeys();

        /** The log's name, for ever: a host and a path of yours without a scheme, {@code anchorhold.example.org/log}. */
        Optional<String> origin();

        /** The file of price lists, versioned by date; without it statements have times and no amounts. */
        Optional<Path> prices();

        /** How long after its end a month's statement is closed; what comes later becomes an adjustment. */
        @WithDefault("72H")
        Duration closeAfter();
    }

    /** What people and their programs read. */
    interface Api {
        /** Users who may read every account's books: {@code system:serviceaccount:NAMESPACE:NAME}. */
        Optional<List<String>> auditors();

        /** Calls that one user has in a minute, and at once, in this process. */
        @WithDefault("600")
        int callsPerMinute();

        /** Users who may end, in the books, what exists nowhere any more: {@code system:serviceaccount:NAMESPACE:NAME}. */
        Optional<List<String>> correctors();
    }

    /** How people sign in to the dashboard, which is there only where they can. */
    interface SignIn {
        /** Whether links in the database sign people in: for the local world, whose launcher writes them there. */
        @WithDefault("false")
        boolean links();
    }

    /** Where spans go; see {@link dev.anchorhold.platform.Tracing}. */
    interface Tracing {
        /** A collector's address for OTLP over HTTP, {@code http://collector:4318}; without one there are no spans. */
        Optional<String> endpoint();

        /** The part of all traces that is sent, 0 to 1. */
        @WithDefault("1")
        double ratio();
    }

    /** What the role check asks for. */
    interface Check {
        /** Addresses that have to answer 200. */
        Optional<List<String>> found();

        /** Addresses that have to answer 404. */
        Optional<List<String>> notFound();
    }

    enum Role {
        /** Reconciles; holds cloud tokens, never sees the database. */
        OPERATOR,
        /** The guest door and what people see; works on the database as its application user, never sees a cloud token. */
        COMPANION,
        /** Brings the database's schema up to date as its owner; a process with this role alone ends then. */
        MIGRATION,
        /** Asks whether an installation can be reached, for {@code helm test}, and ends; only alone. */
        CHECK
    }
}
