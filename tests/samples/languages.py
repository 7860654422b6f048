"""A few sentences of made-up news in many languages, each with the charsets that its old pages are written in."""

from typing import NamedTuple


class Sample(NamedTuple):
    """A text and the charsets, by Python's names, that it may be found in."""

    text: str
    charsets: tuple[str, ...]


SAMPLES = {
    "ru": Sample(
        "Министр иностранных дел заявил в понедельник, что переговоры о перемирии продолжатся "
        "на следующей неделе в Женеве. Обе стороны обвинили друг друга в нарушении "
        "соглашения. Наблюдатели сообщили о новых обстрелах в пригороде столицы.",
        ("cp1251", "koi8_r", "cp866"),
    ),
    "uk": Sample(
        "Міністр закордонних справ заявив у понеділок, що переговори про перемир'я "
        "продовжаться наступного тижня в Женеві. Обидві сторони звинуватили одна одну в "
        "порушенні угоди.",
        ("cp1251",),
    ),
    "bg": Sample(
        "Министърът на външните работи заяви в понеделник, че преговорите за примирие ще "
        "продължат следващата седмица в Женева. Двете страни се обвиниха взаимно в нарушаване "
        "на споразумението.",
        ("cp1251",),
    ),
    "el": Sample(
        "Ο υπουργός Εξωτερικών δήλωσε τη Δευτέρα ότι οι συνομιλίες για την εκεχειρία θα "
        "συνεχιστούν την επόμενη εβδομάδα στη Γενεύη. Οι δύο πλευρές αλληλοκατηγορήθηκαν για "
        "παραβίαση της συμφωνίας.",
        ("cp1253", "iso8859_7"),
    ),
    "tr": Sample(
        "Dışişleri Bakanı pazartesi günü yaptığı açıklamada ateşkes görüşmelerinin gelecek "
        "hafta Cenevre'de süreceğini söyledi. Taraflar birbirini anlaşmayı ihlal etmekle "
        "suçladı.",
        ("cp1254",),
    ),
    "pl": Sample(
        "Minister spraw zagranicznych oświadczył w poniedziałek, że rozmowy o zawieszeniu "
        "broni będą kontynuowane w przyszłym tygodniu w Genewie. Obie strony oskarżyły się "
        "wzajemnie o złamanie porozumienia.",
        ("cp1250", "iso8859_2"),
    ),
    "cs": Sample(
        "Ministr zahraničí v pondělí prohlásil, že rozhovory o příměří budou pokračovat "
        "příští týden v Ženevě. Obě strany se navzájem obvinily z porušení dohody.",
        ("cp1250", "iso8859_2"),
    ),
    "hu": Sample(
        "A külügyminiszter hétfőn közölte, hogy a tűzszüneti tárgyalások a jövő héten Genfben "
        "folytatódnak. A felek kölcsönösen a megállapodás megsértésével vádolták egymást.",
        ("cp1250", "iso8859_2"),
    ),
    "ro": Sample(
        "Ministrul de externe a declarat luni că negocierile pentru încetarea focului vor "
        "continua săptămâna viitoare la Geneva. Părţile s-au acuzat reciproc de încălcarea "
        "înţelegerii.",
        ("iso8859_2",),
    ),
    "he": Sample(
        "שר החוץ הודיע ביום שני כי השיחות על הפסקת האש יימשכו בשבוע הבא בז'נבה. שני הצדדים "
        "האשימו זה את זה בהפרת ההסכם.",
        ("cp1255",),
    ),
    "ar": Sample(
        "قال وزير الخارجية يوم الاثنين إن محادثات وقف إطلاق النار ستستمر الأسبوع المقبل في "
        "جنيف. واتهم الطرفان بعضهما البعض بخرق الاتفاق.",
        ("cp1256",),
    ),
    "fa": Sample(
        "وزير امور خارجه روز دوشنبه گفت گفتگوهاي آتش بس هفته آينده در ژنو ادامه خواهد يافت. "
        "دو طرف يکديگر را به نقض توافق متهم کردند.",
        ("cp1256",),
    ),
    "th": Sample(
        "รัฐมนตรีว่าการกระทรวงการต่างประเทศกล่าวเมื่อวันจันทร์ว่า การเจรจาหยุดยิงจะดำเนินต่อไปในสัปดาห์หน้าที่เจนีวา",
        ("cp874",),
    ),
    "ja": Sample(
        "外務大臣は月曜日、停戦に関する協議が来週ジュネーブで続けられると述べた。双方は合意に違反したとして互いに非難した。",
        ("cp932", "euc_jp"),
    ),
    "ko": Sample(
        "외무장관은 월요일 휴전 협상이 다음 주 제네바에서 계속될 것이라고 밝혔다. 양측은 서로 합의를 위반했다고 비난했다.",
        ("cp949",),
    ),
    "zh-cn": Sample(
        "外交部长星期一表示,停火谈判将于下周在日内瓦继续举行。双方互相指责对方违反协议。",
        ("gb18030",),
    ),
    "zh-tw": Sample(
        "外交部長星期一表示,停火談判將於下週在日內瓦繼續舉行。雙方互相指責對方違反協議。",
        ("big5",),
    ),
    "fr": Sample(
        "Le ministre des Affaires étrangères a déclaré lundi que les négociations sur le "
        "cessez-le-feu reprendraient la semaine prochaine à Genève. Les deux parties se sont "
        "accusées d'avoir violé l'accord.",
        ("cp1252",),
    ),
    "de": Sample(
        "Der Außenminister erklärte am Montag, die Gespräche über eine Waffenruhe würden "
        "nächste Woche in Genf fortgesetzt. Beide Seiten warfen einander vor, das Abkommen "
        "verletzt zu haben.",
        ("cp1252",),
    ),
    "es": Sample(
        "El ministro de Exteriores declaró el lunes que las negociaciones sobre el alto el "
        "fuego continuarán la próxima semana en Ginebra, según informó la agencia española.",
        ("cp1252",),
    ),
    "lt": Sample(
        "Užsienio reikalų ministras pirmadienį pareiškė, kad derybos dėl paliaubų bus "
        "tęsiamos kitą savaitę Ženevoje. Abi pusės apkaltino viena kitą susitarimo pažeidimu.",
        ("cp1257",),
    ),
    "lv": Sample(
        "Ārlietu ministrs pirmdien paziņoja, ka sarunas par pamieru turpināsies nākamnedēļ "
        "Ženēvā. Abas puses apsūdzēja viena otru vienošanās pārkāpšanā.",
        ("cp1257",),
    ),
}
"""By language."""
