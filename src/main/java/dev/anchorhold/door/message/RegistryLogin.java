package dev.anchorhold.door.message;

import dev.anchorhold.platform.InvalidFieldException;

/**
 * The user name and password by which a guest pulls its image, where the registry wants one.
 *
 * @param server the registry's host, with its port if it has one
 */
public record RegistryLogin(String server, String username, String password) {
    public RegistryLogin {
        InvalidFieldException.requireText(server, 260, "login.server");
        InvalidFieldException.requireText(username, 1024, "login.username");
        InvalidFieldException.requireText(password, 16 << 10, "login.password");
    }

    @Override
    public String toString() {
        return "RegistryLogin[" + server + "]";
    }
}
