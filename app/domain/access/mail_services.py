"""Mail services at whose domains anybody can have an address."""

_DOMAINS = """
    163.com 126.com aim.com aol.com arcor.de att.net bigpond.com bk.ru bluewin.ch btinternet.com
    comcast.net cox.net daum.net duck.com email.cz fastmail.com free.fr freenet.de gmail.com gmx.at
    gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com
    hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com inbox.ru interia.pl
    laposte.net libero.it list.ru live.co.uk live.com live.de live.fr live.nl mac.com mail.com
    mail.de mail.ru mailbox.org me.com msn.com naver.com o2.pl onet.pl orange.fr outlook.com
    outlook.de outlook.es outlook.fr pm.me posteo.de proton.me protonmail.com qq.com rambler.ru
    rediffmail.com rocketmail.com sbcglobal.net seznam.cz sfr.fr sina.com sky.com skynet.be
    t-online.de terra.com.br tiscali.it tuta.com tutanota.com tutanota.de ukr.net uol.com.br
    verizon.net virgilio.it virginmedia.com vodafone.de wanadoo.fr web.de wp.pl xs4all.nl xtra.co.nz
    ya.ru yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.de
    yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru ymail.com zoho.com
"""
MAIL_SERVICES = frozenset(_DOMAINS.split())
