import java.io.Reader;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * Puts back, under Elasticsearch's own names, what index/elasticsearch_template.json needs of the module analysis-common.
 *
 * That module is part of each distribution but not published as a jar; the Lucene classes behind it are.
 */
public final class AnalysisCommonPlugin extends Plugin implements AnalysisPlugin {
    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of("asciifolding", (index, environment, name, settings) -> new AsciiFolding(name));
    }

    @Override
    public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
        return Map.of("pattern_replace", AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> new PatternReplace(name, settings)));
    }

    private static final class AsciiFolding extends AbstractTokenFilterFactory {
        AsciiFolding(String name) {
            super(name);
        }

        @Override
        public TokenStream create(TokenStream tokens) {
            return new ASCIIFoldingFilter(tokens);
        }
    }

    private record PatternReplace(String name, Pattern pattern, String replacement) implements CharFilterFactory {
        PatternReplace(String name, Settings settings) {
            this(name, Pattern.compile(settings.get("pattern")), settings.get("replacement", ""));
        }

        @Override
        public Reader create(Reader text) {
            return new PatternReplaceCharFilter(pattern, replacement, text);
        }
    }
}
