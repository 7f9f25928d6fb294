package dev.anchorhold.platform;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Config source that sets Quarkus' own switches by the roles of this process: one without a role that needs the
 * database has none, asks for none and reports no health of one. Below the application's own settings, so that a test
 * may still overrule it.
 */
public final class RoleConfigSourceFactory implements ConfigSourceFactory {
    private static final int BELOW_APPLICATION_PROPERTIES = 200;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        Set<String> roles = Stream.of(Optional.ofNullable(context.getValue("anchorhold.roles"))
                        .map(ConfigValue::getValue)
                        .orElse("operator")
                        .split(","))
                .map(role -> role.strip().toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
        boolean migrates = roles.contains(Settings.Role.MIGRATION.name());
        boolean answers = roles.contains(Settings.Role.COMPANION.name());
        boolean database = migrates || answers;
        return List.of(new PropertiesConfigSource(
                Map.of(
                        "quarkus.datasource.active", Boolean.toString(database),
                        "quarkus.hibernate-orm.active", Boolean.toString(answers),
                        "quarkus.smallrye-openapi.enabled", Boolean.toString(answers),
                        "quarkus.flyway.active", Boolean.toString(migrates),
                        "quarkus.flyway.migrate-at-start", Boolean.toString(migrates)),
                "the roles of this process",
                BELOW_APPLICATION_PROPERTIES));
    }
}
