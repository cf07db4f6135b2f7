"""Words that tell no topic from another: function words, and what people say on any forum about anything.

English at length; German, French and Spanish in short lists of our own, for items that a sentiment service scored.
"""

from __future__ import annotations

# fmt: off
STOP_WORDS = frozenset(
    {
        "a", "about", "above", "across", "actually", "after", "again", "against", "ago", "agree", "ah", "ain't",
        "all", "almost", "alone", "along", "already", "also", "although", "always", "am", "among", "amp", "an",
        "and", "another", "any", "anybody", "anyhow", "anyone", "anything", "anyway", "anywhere", "are",
        "aren't", "around", "as", "ask", "asked", "asking", "at", "away", "back", "bad", "basically", "be",
        "became", "because", "become", "been", "before", "behind", "being", "believe", "below", "beside",
        "besides", "best", "better", "between", "beyond", "big", "bit", "both", "but", "by", "call", "came",
        "can", "can't", "cannot", "cause", "certain", "certainly", "come", "comes", "coming", "comment",
        "comments", "completely", "could", "couldn't", "couple", "course", "crazy", "currently", "cuz", "day",
        "days", "definitely", "depends", "did", "didn't", "different", "do", "does", "doesn't", "doing",
        "don't", "done", "down", "due", "during", "each", "easily", "easy", "edit", "either", "else", "end",
        "enough", "especially", "etc", "even", "ever", "every", "everybody", "everyone", "everything",
        "everywhere", "exactly", "except", "fact", "far", "feel", "feels", "few", "finally", "find", "fine",
        "first", "for", "found", "from", "full", "further", "gave", "get", "gets", "getting", "give", "given",
        "gives", "giving", "go", "goes", "going", "gone", "gonna", "good", "got", "gotten", "great", "guess",
        "guy", "guys", "had", "hadn't", "half", "happen", "happened", "happens", "happy", "hard", "has",
        "hasn't", "hate", "have", "haven't", "having", "he", "he's", "hell", "hello", "help", "hence", "her",
        "here", "here's", "hers", "herself", "hey", "hi", "high", "him", "himself", "his", "honestly", "hope",
        "hour", "hours", "how", "how's", "however", "i", "i'd", "i'll", "i'm", "i've", "idea", "if", "imo",
        "in", "instead", "into", "is", "isn't", "issue", "it", "it'd", "it'll", "it's", "its", "itself", "just",
        "keep", "keeps", "kept", "kind", "knew", "know", "known", "knows", "last", "lately", "later", "latter",
        "least", "less", "let", "let's", "like", "liked", "likely", "literally", "little", "lol", "long",
        "look", "looked", "looking", "looks", "lot", "lots", "love", "loved", "made", "mainly", "make", "makes",
        "making", "man", "many", "matter", "may", "maybe", "me", "mean", "means", "might", "mind", "mine",
        "minute", "minutes", "month", "months", "more", "most", "mostly", "much", "must", "mustn't", "my",
        "myself", "nah", "name", "near", "nearly", "necessary", "need", "needed", "needs", "neither", "never",
        "new", "next", "nice", "no", "nobody", "non", "none", "noone", "nor", "not", "nothing", "now",
        "nowhere", "number", "obviously", "of", "off", "often", "oh", "ok", "okay", "old", "on", "once", "one",
        "ones", "only", "onto", "open", "opinion", "or", "other", "others", "otherwise", "our", "ours",
        "ourselves", "out", "over", "own", "part", "people", "per", "perhaps", "person", "please", "plus",
        "point", "post", "posts", "pretty", "probably", "problem", "problems", "pure", "put", "puts", "quite",
        "rather", "read", "real", "really", "reason", "recently", "reddit", "regarding", "right", "said",
        "same", "saw", "say", "saying", "says", "second", "see", "seem", "seemed", "seems", "seen", "sense",
        "serious", "set", "several", "shall", "she", "should", "shouldn't", "show", "shows", "side", "simple",
        "simply", "since", "small", "so", "some", "somebody", "somehow", "someone", "something", "sometimes",
        "somewhat", "somewhere", "soon", "sorry", "sort", "speaking", "still", "stuff", "such", "super", "sure",
        "take", "taken", "takes", "taking", "talk", "tell", "than", "thank", "thanks", "that", "that's", "the",
        "their", "theirs", "them", "themselves", "then", "there", "there's", "therefore", "these", "they",
        "they'd", "they'll", "they're", "they've", "thing", "things", "think", "thinking", "this", "those",
        "though", "thought", "thread", "three", "through", "throughout", "thus", "till", "time", "times", "to",
        "today", "together", "told", "tomorrow", "tonight", "too", "took", "total", "totally", "toward",
        "tried", "tries", "truly", "try", "trying", "turn", "turned", "two", "type", "under", "understand",
        "unless", "until", "up", "upon", "us", "use", "used", "useful", "user", "users", "uses", "using",
        "usually", "various", "very", "via", "wait", "want", "wanted", "wants", "was", "wasn't", "way", "ways",
        "we", "we'd", "we'll", "we're", "we've", "week", "weekend", "weeks", "well", "went", "were", "weren't",
        "what", "what's", "whatever", "when", "where", "where's", "whether", "which", "while", "who", "who's",
        "whole", "whom", "whose", "why", "will", "wish", "with", "within", "without", "won't", "wonder", "word",
        "work", "worked", "working", "works", "world", "worse", "worst", "worth", "would", "wouldn't", "yeah",
        "year", "years", "yep", "yes", "yesterday", "yet", "you", "you'd", "you'll", "you're", "you've", "your",
        "yours", "yourself", "yup",
    }
)
# fmt: on
"""Lower case."""

# fmt: off
_GERMAN = (
    "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bitte da dabei "
    "dadurch daf\u00fcr damit dann daran darauf darf das dass dein deine dem den denn der des dich die dies diese "
    "diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines einfach einmal er es etwas "
    "euch f\u00fcr ganz gar geht gerade gern gibt gut habe haben hat hatte hatten hier hin ich ihm ihn ihnen ihr "
    "ihre ihren immer in ins ist ja jede jeden jeder jedes jemand jetzt kann kannst kein keine keinen keiner "
    "k\u00f6nnen k\u00f6nnte l\u00e4sst leider mal man mehr mein meine meinem meinen meiner mich mir mit muss "
    "m\u00fcssen nach nicht nichts nie noch nur ob oder ohne schon sehr sein seine seit sich sie sind so sogar soll "
    "sollte sonst statt \u00fcber um und uns unser unsere unter viel viele vom von vor war waren warum was wegen "
    "weil weiter welche wenn wer werde werden wie wieder will wir wird wirklich wo wurde w\u00e4re w\u00fcrde zu "
    "zum zur zwar zwischen"
)
_FRENCH = (
    "ai ainsi alors apr\u00e8s au aucun aucune aussi autre autres aux avant avec avez avoir avons beaucoup bien bon "
    "car ce cela ces cet cette ceux chaque chez comme comment contre dans de d\u00e9j\u00e0 depuis des deux dire "
    "doit donc du elle elles en encore entre es est et \u00e9t\u00e9 \u00e9tait \u00eatre eu eux fait faire faut "
    "fois font il ils je jamais la le les leur leurs lui ma mais me m\u00eame merci mes mieux moi moins mon ne ni "
    "non nos notre nous on ont ou o\u00f9 oui par parce pas peu peut peuvent plus plusieurs pour pourquoi pouvoir "
    "presque quand que quel quelle quelque quelques qui quoi rien sa sans se sera ses seulement si sinon son sont "
    "sous suis sur surtout ta tellement tes toi ton toujours tous tout toute toutes tr\u00e8s trop tu un une vers "
    "voir vos votre vous vraiment y"
)
_SPANISH = (
    "a\u00fan ahora al algo alguien alg\u00fan alguna algunas alguno algunos all\u00ed antes aqu\u00ed as\u00ed "
    "aunque bastante bien cada casi como c\u00f3mo con contra cosa cosas creo cual cualquier cuando cu\u00e1ndo da "
    "dan de decir del desde despu\u00e9s donde dos el \u00e9l ella ellas ellos en entonces entre era eran es esa "
    "esas ese eso esos est\u00e1 est\u00e1n estar estas este esto estos estoy fue gracias ha hace hacer hacia han "
    "hasta hay he hola incluso ir la las le les lo los luego mal m\u00e1s me mejor menos mi m\u00ed mis mismo mucha "
    "muchas mucho muchos muy nada nadie ni no nos nosotros nuestra nuestro nunca o os otra otras otro otros para "
    "parece pero poco por porque pues puede pueden puedo que qu\u00e9 quien quiero s\u00e9 se sea ser si s\u00ed "
    "siempre sin sobre solo s\u00f3lo somos son soy su sus tal tambi\u00e9n tan tanto te tener tengo ti tiene "
    "tienen toda todas todav\u00eda todo todos tu t\u00fa un una unas uno unos usted va vamos van veces ver vez voy "
    "ya yo"
)
# fmt: on

OTHER_LANGUAGES = {
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
    "es": frozenset(_SPANISH.split()),
}
"""By ISO 639-1. They leave English items alone: "die", "man" and "son" are words there."""
