import edu.stanford.nlp.ie.crf.CRFClassifier;
import edu.stanford.nlp.ling.CoreLabel;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Marks the names in the lines of standard input by a classifier of Stanford CoreNLP, each line as a text of its own: the names
 * stand in tags, all else as before.
 *
 * <p>java -cp stanford-corenlp-4.5.7.jar:stanford-corenlp-4.5.7-models.jar MarkNames.java CLASSIFIER &lt; texts.txt &gt; marked.xml
 */
class MarkNames {
  public static void main(String[] arguments) throws Exception {
    CRFClassifier<CoreLabel> classifier = CRFClassifier.getClassifier(arguments[0]);
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        out.println(line.isEmpty() ? "" : classifier.classifyWithInlineXML(line));
      }
    }
    out.flush();
  }
}
