import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedWriter;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.opensearch.action.bulk.BulkRequestBuilder;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.common.xcontent.XContentType;
import org.opensearch.core.common.bytes.BytesArray;
import org.opensearch.percolator.PercolateQueryBuilder;
import org.opensearch.search.SearchHit;
import org.opensearch.transport.client.Client;

/**
 * The percolator of one OpenSearch node over the queries and articles of bench/matching.py.
 *
 * <p>Arguments: the queries, one a line in Polish notation; the articles, one a line, tokens between spaces; where the matches
 * go; how many articles warm it up. It writes its data into the working folder. Asked from within the process, so HTTP costs
 * nothing. Prints `match` and microseconds of CPU an article, of the whole process.
 */
public class Percolator {
  private static final String INDEX = "queries";
  private static final String MAPPING =
      "{\"properties\":{\"query\":{\"type\":\"percolator\"},\"text\":{\"type\":\"text\",\"analyzer\":\"whitespace\"}}}";
  private static final int MOST_MATCHES = 10_000;

  public static void main(String[] args) throws Exception {
    List<String> queries = Files.readAllLines(Path.of(args[0]));
    List<String> articles = Files.readAllLines(Path.of(args[1]));
    int warm = Integer.parseInt(args[3]);
    PrintStream out = System.out; // OpenSearch sends what is printed later to its log
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("discovery.type", "single-node");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
    });
    runner.build(OpenSearchRunner.newConfigs().basePath(Path.of("opensearch").toAbsolutePath().toString()).numOfNode(1));
    Client client = runner.client();
    index(client, queries);
    for (String article : articles.subList(0, warm)) {
      percolate(client, article);
    }
    out.println("match " + matched(client, articles.subList(warm, articles.size()), Path.of(args[2])));
    runner.close();
    System.exit(0);
  }

  private static void index(Client client, List<String> queries) {
    String settings = "{\"number_of_shards\":1,\"number_of_replicas\":0,\"refresh_interval\":\"-1\"}";
    client.admin().indices().prepareCreate(INDEX).setSettings(settings, XContentType.JSON).setMapping(MAPPING).get();
    BulkRequestBuilder bulk = client.prepareBulk();
    for (int number = 0; number < queries.size(); number++) {
      String source = "{\"query\":" + new Polish(queries.get(number)).query() + "}";
      bulk.add(client.prepareIndex(INDEX).setId(Integer.toString(number)).setSource(source, XContentType.JSON));
      if (bulk.numberOfActions() == 5000 || number == queries.size() - 1) {
        var done = bulk.get();
        if (done.hasFailures()) {
          throw new IllegalStateException(done.buildFailureMessage());
        }
        bulk = client.prepareBulk();
      }
    }
    client.admin().indices().prepareForceMerge(INDEX).setMaxNumSegments(1).get();
    client.admin().indices().prepareRefresh(INDEX).get();
  }

  private static double matched(Client client, List<String> articles, Path path) throws Exception {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    List<String> lines = new ArrayList<>();
    long begun = system.getProcessCpuTime();
    for (String article : articles) {
      StringBuilder line = new StringBuilder();
      for (SearchHit hit : percolate(client, article).getHits()) {
        line.append(hit.getId()).append(' ');
      }
      lines.add(line.toString());
    }
    double spent = (system.getProcessCpuTime() - begun) / 1e3 / articles.size();
    try (BufferedWriter out = Files.newBufferedWriter(path)) {
      for (String line : lines) {
        out.write(line);
        out.newLine();
      }
    }
    return spent;
  }

  private static SearchResponse percolate(Client client, String article) {
    var document = new BytesArray("{\"text\":\"" + article + "\"}");
    return client
        .prepareSearch(INDEX)
        .setQuery(new PercolateQueryBuilder("query", document, XContentType.JSON))
        .setSize(MOST_MATCHES)
        .setFetchSource(false)
        .get();
  }

  /** Reads a query in Polish notation and writes it in OpenSearch's. Terms are letters and digits: nothing needs escaping. */
  private static class Polish {
    private final String[] words;
    private int next = 0;

    Polish(String line) {
      words = line.split(" ");
    }

    String query() {
      String kind = words[next++];
      switch (kind) {
        case "term":
        case "prefix":
        case "wildcard":
          return "{\"" + kind + "\":{\"text\":{\"value\":\"" + words[next++] + "\"}}}";
        case "phrase":
          return "{\"match_phrase\":{\"text\":\"" + String.join(" ", terms()) + "\"}}";
        case "near":
          return near(number(), terms());
        case "and":
          return group("must");
        case "or":
          return group("should");
        default:
          throw new IllegalArgumentException(kind);
      }
    }

    private static String near(int slop, String[] terms) {
      List<String> sources = new ArrayList<>();
      for (String term : terms) {
        sources.add("{\"match\":{\"query\":\"" + term + "\"}}");
      }
      String all = "{\"all_of\":{\"ordered\":false,\"max_gaps\":" + slop + ",\"intervals\":" + sources + "}}";
      return "{\"intervals\":{\"text\":" + all + "}}";
    }

    private String group(String occur) {
      List<String> met = new ArrayList<>();
      List<String> unmet = new ArrayList<>();
      int parts = number();
      for (int part = 0; part < parts; part++) {
        boolean negated = words[next].equals("not");
        next += negated ? 1 : 0;
        (negated ? unmet : met).add(query());
      }
      return "{\"bool\":{\"" + occur + "\":" + met + ",\"must_not\":" + unmet + "}}";
    }

    private int number() {
      return Integer.parseInt(words[next++]);
    }

    private String[] terms() {
      String[] terms = new String[number()];
      for (int each = 0; each < terms.length; each++) {
        terms[each] = words[next++];
      }
      return terms;
    }
  }
}
