package dev.anchorhold.identity;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** A browser in which a person is signed in. It ends when it is deleted, whatever cookie the browser still has. */
@Entity
@Table(schema = "identity", name = "browser_session")
public class BrowserSession extends PanacheEntityBase {
    @Id
    public UUID id;

    /** Of the cookie's value. */
    public byte[] tokenHash;

    @ManyToOne(fetch = FetchType.EAGER, optional = false)
    @JoinColumn(name = "person")
    public Person person;

    /** What the browser calls itself. */
    public String browser;

    /** Where it signed in from. */
    public String address;

    public Instant began;

    /** To the minute. */
    public Instant lastUsed;

    public Instant expires;
}
