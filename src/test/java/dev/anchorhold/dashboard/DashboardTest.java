package dev.anchorhold.dashboard;

import static dev.anchorhold.api.BooksTestEnvironment.ACME;
import static dev.anchorhold.api.BooksTestEnvironment.ANN;
import static dev.anchorhold.api.BooksTestEnvironment.BEN;
import static dev.anchorhold.api.BooksTestEnvironment.CODER;
import static dev.anchorhold.api.BooksTestEnvironment.GLOBEX;
import static dev.anchorhold.api.BooksTestEnvironment.LASTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.anchorhold.api.BooksTestEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard in Chromium: read by people, with a keyboard, on a phone, without script, and by a screen reader's rules. Its pictures: target/screenshots. */
class DashboardTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    private static final int MAX_PAGE_BYTES = 150_000;
    private static final int DESK = 1280;
    private static final int PHONE = 390;

    private static BooksTestEnvironment books;
    private static Playwright playwright;
    private static Browser chromium;

    private final List<String> complaints = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private BrowserContext context;

    @BeforeAll
    static void start() {
        assumeTrue(
                Files.exists(CHROMIUM) || System.getenv("CI") != null,
                "Chromium is missing: apt-get install chromium (k8s-dev/packages.txt)");
        books = BooksTestEnvironment.shared();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        chromium = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(CHROMIUM)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
    }

    @AfterAll
    static void stop() {
        if (playwright != null) {
            playwright.close();
        }
    }

    @AfterEach
    void nothingWasRefusedByThePagesOwnPolicy() {
        context.close();
        assertThat(complaints).isEmpty();
    }

    /** A browser of that width, in which that person has signed in. */
    private Page signIn(String person, int width, ColorScheme theme, boolean script) {
        context = chromium.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, 900)
                .setColorScheme(theme)
                .setJavaScriptEnabled(script)
                .setBaseURL(books.companion.uri().toString()));
        context.setDefaultTimeout(60_000);
        Page page = context.newPage();
        page.onConsoleMessage(it -> complain(it));
        page.onPageError(complaints::add);
        page.onRequest(it -> addresses.add(it.url()));
        page.navigate(TestBrowser.link(books, person));
        button(page, "Sign in").click();
        page.waitForURL("**/dashboard/");
        return page;
    }

    private Page signIn(String person) {
        return signIn(person, DESK, ColorScheme.LIGHT, true);
    }

    private void complain(ConsoleMessage it) {
        if (Set.of("error", "warning").contains(it.type())) {
            complaints.add(it.text());
        }
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static List<String> pages() {
        return List.of(
                "/dashboard/",
                "/dashboard/accounts/" + ACME,
                "/dashboard/accounts/" + ACME + "/events?from=2024-10-01&to=2024-10-31",
                "/dashboard/resources/" + CODER.uid(),
                "/dashboard/resources/" + LASTING.uid(),
                "/dashboard/you",
                "/dashboard/docs/",
                "/dashboard/docs/isolation-agents",
                "/dashboard/sign-in");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LIGHT", "DARK"})
    void every_page_is_well_formed_for_all_who_read_it_at_both_widths(ColorScheme theme) {
        for (int width : new int[] {DESK, PHONE}) {
            Page page = signIn(BEN, width, theme, true);
            for (String path : pages()) {
                assertThat(page.navigate(path).body().length).as(path).isLessThan(MAX_PAGE_BYTES);
                String name = path.replaceFirst("/dashboard/?", "")
                        .replaceFirst("[?].*", "")
                        .replace(CODER.uid(), "agent")
                        .replace(LASTING.uid(), "running")
                        .replace('/', '-')
                        .replaceFirst("^$", "overview");
                takePicture(page, "%s-%s-%d.png".formatted(name, theme.name().toLowerCase(Locale.ROOT), width));
                List<Rule> violations = new AxeBuilder(page)
                        .analyze().getViolations().stream()
                                .filter(it -> Set.of("serious", "critical").contains(it.getImpact()))
                                .toList();
                assertThat(violations)
                        .as(
                                "%s, %s, %d: %s",
                                path,
                                theme,
                                width,
                                violations.stream()
                                        .map(it -> it.getId()
                                                + it.getNodes().getFirst().getHtml())
                                        .toList())
                        .isEmpty();
                assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                        .as("%s needs no sideways scrolling at %d", path, width)
                        .isLessThanOrEqualTo(width);
            }
            if (width == DESK) {
                context.close();
            }
        }
        assertThat(addresses)
                .allSatisfy(
                        it -> assertThat(it).startsWith(books.companion.uri().toString()));
    }

    /** For people to look at. On a busy computer Chromium sometimes cannot take one, and then can. */
    private static void takePicture(Page page, String name) {
        await().ignoreExceptions()
                .until(() -> page.screenshot(new Page.ScreenshotOptions()
                                        .setFullPage(true)
                                        .setPath(Path.of("target/screenshots", name)))
                                .length
                        > 0);
    }

    @Test
    void what_became_of_an_agent_is_drawn_and_its_events_are_verified_in_the_browser() {
        Page page = signIn(BEN);
        page.navigate("/dashboard/resources/" + CODER.uid());
        assertThat(page.locator("svg.timeline rect").count()).isEqualTo(4);
        assertThat(page.locator("svg.timeline line.transfer title").textContent())
                .isEqualTo("given to books-globex by books-acme on 5 Oct 2024, 12:00");
        assertThat(page.locator("h1").innerText()).startsWith("coder").contains("no longer here");

        Locator proof = page.locator("[data-verify]").last();
        proof.locator("button").click();
        proof.locator(".proved").waitFor();
        assertThat(proof.innerText()).contains("✓ in the tree of ");

        page.route(Pattern.compile(".*/api/audit-events/[0-9]+"), route -> {
            var answer = route.fetch();
            route.fulfill(new Route.FulfillOptions()
                    .setResponse(answer)
                    .setBody(answer.text().replaceFirst("\"canonical\":\"ey", "\"canonical\":\"eY")));
        });
        proof.locator("button").click();
        proof.locator(".disproved").waitFor();
        assertThat(proof.innerText()).contains("the tree does not have this event");
    }

    @Test
    void a_viewer_of_one_account_sees_of_a_transferred_agent_what_was_theirs() {
        Page page = signIn(ANN);
        page.navigate("/dashboard/resources/" + CODER.uid());
        assertThat(page.locator("svg.timeline rect").count())
                .as("until it was given away")
                .isEqualTo(3);
        assertThat(link(page, "Globex").count()).isZero();
    }

    @Test
    void one_finds_by_clicking_from_the_overview_to_a_statement() {
        Page page = signIn(ANN);
        assertThat(page.locator("h1").innerText()).isEqualTo("Overview");
        assertThat(page.locator(".role").allInnerTexts()).contains("Owner");
        link(page, "=lasting(1)").click();
        page.waitForURL("**/dashboard/resources/" + LASTING.uid());
        assertThat(page.locator("h1").innerText()).contains("running");
        assertThat(page.locator(".figures").innerText())
                .containsPattern(
                        "This month so far\\s+EUR [0-9]+[.][0-9]{2}\\s+An hour, as it is now\\s+EUR 0[.]012345678");
        page.locator("nav[aria-label=Accounts] a").first().click();
        page.waitForURL("**/dashboard/accounts/" + ACME);
        page.locator("#statements ~ .wide tbody th a").first().click();
        page.waitForURL("**/api/statements/**");
        assertThat(page.locator("h1").innerText()).startsWith("Statement of ");
    }

    @Test
    void a_row_that_does_not_say_what_the_log_says_is_found_and_what_cannot_be_checked_is_no_lie() {
        Page page = signIn(BEN);
        page.navigate("/dashboard/resources/" + CODER.uid());
        Locator proof = page.locator("[data-verify]").first();
        proof.evaluate("it => it.dataset.event = 'stop'");
        proof.locator("button").click();
        proof.locator(".disproved").waitFor();
        assertThat(proof.innerText()).contains("the log says destroy at 2024-10-10T00:00:00.000000Z");

        page.route(Pattern.compile(".*/log/key"), route -> route.abort());
        proof.locator("button").click();
        page.getByText("could not be checked").waitFor();
        complaints.removeIf(it -> it.contains("net::ERR_FAILED"));
    }

    @Test
    void times_are_shown_in_the_readers_zone_and_lists_by_name_and_state() {
        signIn(ANN).context().close();
        context = chromium.newContext(new Browser.NewContextOptions()
                .setTimezoneId("Asia/Tokyo")
                .setLocale("en-GB")
                .setBaseURL(books.companion.uri().toString()));
        Page page = context.newPage();
        page.navigate(TestBrowser.link(books, ANN));
        button(page, "Sign in").click();
        page.waitForURL("**/dashboard/");
        page.navigate("/dashboard/resources/" + LASTING.uid());
        Locator since = page.locator(".figures time");
        assertThat(since.innerText()).isEqualTo("30 Oct 2024, 21:00");
        assertThat(since.getAttribute("title")).isEqualTo("30 Oct 2024, 12:00 UTC");
        assertThat(page.locator("footer").innerText()).contains("Asia/Tokyo");

        page.navigate("/dashboard/accounts/" + ACME);
        page.getByLabel("Name").fill("lasting");
        page.locator("select[name=state]").selectOption("here");
        button(page, "Show").click();
        page.waitForURL("**state=here");
        assertThat(link(page, "=lasting(1)").count()).isEqualTo(1);
        page.locator("select[name=state]").selectOption("left");
        button(page, "Show").click();
        page.waitForURL("**state=left");
        assertThat(page.getByText("Nothing like that was there").count()).isEqualTo(1);
        link(page, "Audit log").click();
        page.waitForURL("**/events");
        page.getByLabel("From").fill("2024-10-01");
        page.getByLabel("To").fill("2024-10-31");
        button(page, "Show").click();
        page.waitForURL("**to=2024-10-31");
        assertThat(page.locator("[data-verify]").count()).isEqualTo(5);
    }

    @Test
    void whoever_comes_by_reads_the_documentation_as_a_page_and_as_it_is_written() throws Exception {
        TestBrowser stranger = new TestBrowser(books.companion.uri());
        assertThat(stranger.get("/dashboard/docs/isolation-agents").body())
                .contains("View as Markdown", "What is not done");
        assertThat(stranger.get("/dashboard/docs/isolation-agents.md").body())
                .isEqualTo(Files.readString(Path.of("docs/isolation-agents.md")));
        assertThat(stranger.get("/dashboard/docs/llms.txt").body()).contains("(/dashboard/docs/security.md)");
        assertThat(stranger.get("/dashboard/docs/none").statusCode()).isEqualTo(404);
        assertThat(stranger.get("/dashboard/docs/picture.svg").statusCode()).isEqualTo(200);
        context = chromium.newContext();
    }

    @Test
    void F94_a_hostile_name_is_shown_and_not_run() {
        Page page = signIn(ANN);
        assertThat(page.locator("nav[aria-label=Accounts] a").innerText()).isEqualTo("ACME <script>alert(1)</script>");
    }

    @Test
    void one_makes_a_token_sees_it_once_revokes_it_and_signs_out_without_any_script() {
        Page page = signIn("dan-" + System.nanoTime(), DESK, ColorScheme.LIGHT, false);
        assertThat(page.getByText("You are a member of no account").count()).isEqualTo(1);
        context.close();

        page = signIn(ANN, DESK, ColorScheme.LIGHT, false);
        page.navigate("/dashboard/you");
        page.getByLabel("Name").fill("nightly");
        button(page, "Make a token").click();
        String token = page.locator(".good code").innerText();
        assertThat(token).startsWith("anchorhold_");
        page.navigate("/dashboard/you");
        assertThat(page.content()).doesNotContain(token).contains("nightly");
        page.locator("tr:has-text('nightly') button").first().click();
        page.waitForURL("**/dashboard/you");
        assertThat(page.locator("tr:has-text('nightly')").count()).isZero();
        button(page, "Sign out").first().click();
        page.waitForURL("**/dashboard/sign-in");
        page.navigate("/dashboard/");
        assertThat(page.url()).endsWith("/dashboard/sign-in");
    }

    @Test
    void F93_nothing_of_ours_is_kept_in_the_browser_after_signing_out() {
        Page page = signIn(ANN);
        page.navigate("/dashboard/accounts/" + ACME);
        button(page, "Sign out").click();
        page.waitForURL("**/dashboard/sign-in");
        assertThat(context.cookies()).isEmpty();
        assertThat((Integer) page.evaluate("localStorage.length + sessionStorage.length"))
                .isZero();
        page.goBack();
        assertThat(page.content()).doesNotContain("ACME", GLOBEX);
    }
}
