"""The stems of passwords that are guessed first: our own short list, kept by hand.

Compared after digits and marks at both ends are taken off, so `Password123!` is `password`.
"""

_WORDS = """
password passwort passwd passcode motdepasse contrasena senha wachtwoord parola
letmein letmeinnow welcome willkommen bienvenue welcomehome changeme changemenow changeit
administrator administrador adminadmin admin root superuser sysadmin toor default guest
iloveyou iloveyouforever loveyou trustno trustme trustnoone secret topsecret supersecret
mysecret mypassword yourpassword newpassword oldpassword thepassword apassword nopassword
passwordpassword passwordis thisismypassword thisisapassword thisispassword password-is
qwerty qwertyuiop qwertyuiopasdfghjkl qwertz qwertzuiop qwertzuiopasdfghjkl azerty azertyuiop
qwertyqwerty asdfghjkl asdfghjklzxcvbnm asdfasdf asdfjkl zxcvbnm zxcvbnmasdfghjkl qazwsx qazwsxedc
qazwsxedcrfv qweasdzxc qweasd 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 zaq12wsx
zaq1xsw2 1qaz2wsx 1qaz2wsx3edc
abcdef abcdefg abcdefgh abcdefghi abcdefghij abcdefghijkl abcdefghijklmnopqrstuvwxyz abcabc
aabbcc aaabbbccc abcabcabc
123456789012 1234567890123 12345678901234 123456789123 123123123123 012345678901 987654321098
111111111111 000000000000 112233445566 123321123321 121212121212 102030405060
football baseball basketball superman batman spiderman pokemon starwars dragon monkey princess
sunshine shadow master michael jordan jennifer charlie freedom whatever computer internet samsung
google facebook linkedin twitter instagram netflix amazon microsoft windows apple android playcaller
playcalleradmin callcenter helpdesk support supportdesk customer customerservice companyname company
summer winter spring autumn sommer fruehling herbst monday friday january december
"""

GUESSED_FIRST = frozenset(_WORDS.split())
