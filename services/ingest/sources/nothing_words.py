"""Phrases of bot walls, logins and parked domains, in many languages."""

from __future__ import annotations

import re

ROBOT = re.compile(
    r"checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|not a (?:ro)?bot|unusual traffic|"
    r"verifying your browser|"
    r"enable javascript and cookies to continue|complete the (?:security check|captcha)|"
    r"prove (?:that )?you(?:'re| are) (?:a )?human|"
    r"kein(?:e)? (?:ro)?boter\b|kein bot\b|sind sie ein mensch|pas un robot|no (?:eres|soy|"
    r"es usted) un robot|non (?:sei|sono) un robot|"
    r"não (?:é|sou) um robô|geen robot|nie jest(?:eś|em) robotem|nejste robot|nejsem robot|nie ste robot|"
    r"nie som robot|nem (?:vagy )?robot|"
    r"nu (?:sunteți|ești|sunt) (?:un )?robot|ni(?:ste|sam) robot|robot olmadığ|(?:är|er) (?:inte|"
    r"ikke) en robot|inte är en robot|ikke er en robot|"
    r"et ole robotti|ole robot|neesat robots|nesate robotas|не робот|не бот\b|проверка браузера|"
    r"проверяем ваш браузер|перевірка браузера|"
    r"δεν είστε ρομπότ|δεν είμαι ρομπότ|(?:לא|אינך) רובוט|لست (?:روبوت|برنامج)|ربات نیست|रोबोट नहीं|রোবট নন|"
    r"ไม่ใช่(?:หุ่นยนต์|โปรแกรมอัตโนมัติ|บอท)|"
    r"không phải (?:là )?(?:người máy|robot)|bukan robot|hindi (?:ka|ako) robot|"
    r"安全验证|人机验证|真人验证|不是机器人|不是機器人|驗證您是|安全驗證|访问验证|ロボットではな|"
    r"人間であることを確認|로봇이 아(?:님|닙)|자동 등록 방지",
    re.IGNORECASE,
)

_FOR_SALE = (
    # "domain" and "for sale" within a bounded distance.
    (r"\bdomain(?: name)?", 40, r"\bexpired\b"),
    (r"domain(?:name)?", 60, r"zum verkauf|zu verkaufen|käuflich|steht zum kauf"),
    (r"nom de domaine|domaine \S+\.\w+|ce domaine", 60, r"à vendre|a vendre|en vente"),
    (r"dominio", 60, r"(?:en|a la) venta|in vendita|se vende"),
    (r"domínio", 60, r"à venda"),
    (r"domeinnaam|domein", 60, r"te koop"),
    (
        r"domen[aeyi]?|doména|domény",
        60,
        r"na sprzedaż|na prodej|na predaj|na prodaju|naprodaj|parduodam|do sprzedania",
    ),
    (r"domain|domén", 60, r"eladó"),
    (r"domeniul?", 60, r"(?:de|spre) vânzare"),
    (r"домен|домейн", 60, r"прода|на продају|припаркован|выставлен"),
    (r"domain|τομέα|όνομα χώρου", 60, r"πωλείται|προς πώληση"),
    (r"alan adı|domain", 60, r"satılık|satışta"),
    (r"domän", 60, r"till salu"),
    (r"domæne|domene", 60, r"til salgs?\b"),
    (r"verkkotunnus|domain", 60, r"myytävänä|myydään"),
    (r"domeen", 60, r"müüa|müügis"),
    (r"domēn", 60, r"pārdo"),
    (r"tên miền", 60, r"(?:đang được |rao )bán|cần bán"),
    (r"domain|domein", 60, r"dijual"),
    (r"域名|網域|网域", 30, r"出售|转让|轉讓|待售|販售|售卖"),
    (r"ドメイン", 40, r"売り|売却|販売|取得されて"),
    (r"도메인", 40, r"판매|매매|팝니다"),
    (r"โดเมน", 40, r"ขาย"),
    (r"نطاق|الدومين", 40, r"للبيع"),
    (r"دامنه", 40, r"فروش"),
    (r"דומיין|שם המתחם", 40, r"למכירה"),
    (r"डोमेन", 40, r"बिक्री"),
)
PARKED = re.compile(
    r"(?:domain|website)(?: name)?s? (?:\S+ )?(?:(?:is|may be|could be|might be) )?(?:\S+ )?(?:for sale|"
    r"available for purchase|parked)|"
    r"\b[\w-]+\.[a-z]{2,} (?:is|may be|might be) for sale|"
    r"(?:buy|purchase|inquire about|make an offer on|get) this domain|parked (?:free|domain|by|page)|"
    + "|".join(rf"(?:{what})[^\n]{{0,{far}}}?(?:{how})" for what, far, how in _FOR_SALE),
    re.IGNORECASE,
)

LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|log ?on|anmelden|anmeldung|einloggen|connexion|se connecter|connectez-vous|"
    r"identifiez-vous|"
    r"inici(?:ar|a|e) sesi[oó]n|inicio de sesi[oó]n|acceder|accedi|accesso|entrar|iniciar sessão|"
    r"inicie sessão|fazer login|inloggen|aanmelden|"
    r"zaloguj|logowanie|přihlá(?:sit|šení)|prihlás(?:iť|enie)|bejelentkezés|belépés|autentificare|conectare|"
    r"prijav[ai]|prijavite|"
    r"пријава|пријавите|вход|войти|авторизация|вхід|увійти|авторизація|σύνδεση|είσοδος|giriş yap|oturum aç|"
    r"üye girişi|"
    r"logga in|log ind|logg inn|kirjaudu|kirjautuminen|logi sisse|sisselogimine|pieslēgties|ielogoties|"
    r"prisijungti|prisijungimas|"
    r"đăng nhập|masuk|mag-?log ?in)\b|"
    r"התחבר|כניסה ל|تسجيل الدخول|تسجيل دخول|ورود به|ورود کاربر|लॉग ?इन|লগ ?ইন|เข้าสู่ระบบ|ログイン|登录|登入|"
    r"登錄|로그인",
    re.IGNORECASE,
)
