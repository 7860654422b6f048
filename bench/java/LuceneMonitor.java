import com.sun.management.ThreadMXBean;
import java.io.BufferedWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.HighlightsMatch;
import org.apache.lucene.monitor.MatcherFactory;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.MultipassTermFilteredPresearcher;
import org.apache.lucene.monitor.Presearcher;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.queries.intervals.IntervalQuery;
import org.apache.lucene.queries.intervals.Intervals;
import org.apache.lucene.queries.intervals.IntervalsSource;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.WildcardQuery;

/**
 * Lucene Monitor over the queries and articles of bench/matching.py.
 *
 * <p>Arguments: the queries, one a line in Polish notation; the articles, one a line, tokens between spaces; where the matches
 * go; how many articles warm it up; the passes of the presearcher (0: the default one); how many articles are matched with
 * highlights. Prints, in microseconds of CPU of the matching thread alone (collecting garbage and compiling cost nothing
 * here): `match` and `spans`, a line each.
 */
public class LuceneMonitor {
  private static final String FIELD = "text";
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  public static void main(String[] args) throws Exception {
    List<String> queries = Files.readAllLines(Path.of(args[0]));
    List<String> articles = Files.readAllLines(Path.of(args[1]));
    int warm = Integer.parseInt(args[3]);
    int passes = Integer.parseInt(args[4]);
    int highlighted = Integer.parseInt(args[5]);
    Presearcher presearcher =
        passes == 0 ? new TermFilteredPresearcher() : new MultipassTermFilteredPresearcher(passes);
    MonitorConfiguration configuration = new MonitorConfiguration();
    try (Monitor monitor = new Monitor(new WhitespaceAnalyzer(), presearcher, configuration)) {
      register(monitor, queries);
      List<String> measured = articles.subList(warm, articles.size());
      for (String article : articles.subList(0, warm)) {
        monitor.match(document(article), QueryMatch.SIMPLE_MATCHER);
      }
      System.out.println("match " + matched(monitor, measured, Path.of(args[2])));
      List<String> some = measured.subList(0, highlighted);
      time(monitor, some, HighlightsMatch.MATCHER);
      System.out.println("spans " + time(monitor, some, HighlightsMatch.MATCHER));
    }
  }

  private static void register(Monitor monitor, List<String> queries) throws Exception {
    List<MonitorQuery> batch = new ArrayList<>();
    for (int number = 0; number < queries.size(); number++) {
      batch.add(new MonitorQuery(Integer.toString(number), new Polish(queries.get(number)).query()));
      if (batch.size() == 5000 || number == queries.size() - 1) {
        monitor.register(batch);
        batch.clear();
      }
    }
  }

  private static double matched(Monitor monitor, List<String> articles, Path path) throws Exception {
    long spent = 0;
    try (BufferedWriter out = Files.newBufferedWriter(path)) {
      for (String article : articles) {
        long begun = THREADS.getCurrentThreadCpuTime();
        var matches = monitor.match(document(article), QueryMatch.SIMPLE_MATCHER).getMatches();
        spent += THREADS.getCurrentThreadCpuTime() - begun;
        for (QueryMatch match : matches) {
          out.write(match.getQueryId() + " ");
        }
        out.newLine();
      }
    }
    return spent / 1e3 / articles.size();
  }

  private static double time(Monitor monitor, List<String> articles, MatcherFactory<?> matcher) throws Exception {
    long begun = THREADS.getCurrentThreadCpuTime();
    for (String article : articles) {
      monitor.match(document(article), matcher);
    }
    return (THREADS.getCurrentThreadCpuTime() - begun) / 1e3 / Math.max(1, articles.size());
  }

  private static Document document(String article) {
    Document document = new Document();
    document.add(new TextField(FIELD, article, Field.Store.NO));
    return document;
  }

  /** Reads a query in Polish notation. */
  private static class Polish {
    private final String[] words;
    private int next = 0;

    Polish(String line) {
      words = line.split(" ");
    }

    Query query() {
      String kind = words[next++];
      switch (kind) {
        case "term":
          return new TermQuery(new Term(FIELD, words[next++]));
        case "prefix":
          return new PrefixQuery(new Term(FIELD, words[next++]));
        case "wildcard":
          return new WildcardQuery(new Term(FIELD, words[next++]));
        case "phrase":
          return new PhraseQuery(FIELD, terms());
        case "near":
          int slop = number();
          return new IntervalQuery(FIELD, Intervals.maxgaps(slop, Intervals.unordered(sources(terms()))));
        case "and":
          return group(Occur.MUST);
        case "or":
          return group(Occur.SHOULD);
        default:
          throw new IllegalArgumentException(kind);
      }
    }

    private Query group(Occur occur) {
      BooleanQuery.Builder builder = new BooleanQuery.Builder();
      int parts = number();
      for (int part = 0; part < parts; part++) {
        boolean negated = words[next].equals("not");
        next += negated ? 1 : 0;
        builder.add(query(), negated ? Occur.MUST_NOT : occur);
      }
      return builder.build();
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

    private static IntervalsSource[] sources(String[] terms) {
      IntervalsSource[] sources = new IntervalsSource[terms.length];
      for (int each = 0; each < terms.length; each++) {
        sources[each] = Intervals.term(terms[each]);
      }
      return sources;
    }
  }
}
