"""Passwords of ten characters and more that lead every list of leaked ones, in lower case. Nothing else."""

COMMON_PASSWORDS = frozenset(
    """
    0123456789 0987654321 1122334455 123123123123 1231231234 1234512345 1234554321 123456123456 1234567890
    12345678900 1234567890a 1234567890q 1234567891 12345678910 123456789123 1234567899 123456789a 123456789q
    123456qwerty 12345qwert 1234qwer1234 123qwe123qwe 123qweasdzxc 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u
    1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc a123456789 a1234567890 a1b2c3d4e5 aa12345678 aaa1234567 abc1234567
    abc123456789 abcd123456 abcd1234567 abcde12345 abcdef1234 abcdefghij abcdefghijk admin12345 admin123456
    admin123admin admin@1234 adminadmin administrator alexander1 alexander123 america123 anthony123 apple12345
    arsenal1234 asdf1234asdf asdfasdfasdf asdfghjkl1 asdfghjkl123 asdfghjkl; asdfjkl123 asshole123 australia1
    autumn2023 autumn2024 azertyuiop barcelona1 barcelona123 baseball12 baseball123 basketball basketball1 batman1234
    blessed123 blink182182 butterfly1 butterfly123 changeme123 changeme1234 changemenow charlie123 chelsea123
    chocolate1 chocolate123 christopher computer12 computer123 correcthorsebatterystaple customer123 default123
    dragon1234 dragon12345 elizabeth1 facebook12 facebook123 football12 football123 football1234 friendship
    fuckyou123 fuckyou1234 godisgood1 godislove1 google1234 hunter1234 ilovejesus iloveyou12 iloveyou123 iloveyou1234
    iloveyou22 iloveyouforever iloveyousomuch internet123 january2024 jennifer123 jesuschrist jesusislord jonathan12
    jordan2323 juventus123 killer1234 letmein123 letmein1234 letmein2023 letmein2024 letmeinnow linkedin123
    liverpool1 liverpool123 lovelovelove loveyou123 manchester manchester1 marketplace master1234 master12345
    mastercard1 michelle123 microsoft1 microsoft123 minecraft1 minecraft123 monkey1234 monkey12345 motherfucker
    mypassword mypassword1 newpassword newpassword1 p@$$w0rd123 p@ssw0rd12 p@ssw0rd123 p@ssword123 passw0rd12
    passw0rd123 password!1 password01 password1! password11 password12 password123 password123! password1234
    password12345 password21 password99 passwordpassword pokemon123 pokemon1234 princess12 princess123 princess1234
    q1w2e3r4t5 q1w2e3r4t5y6 qazwsx1234 qazwsxedcrfv qwerty123! qwerty1234 qwerty12345 qwerty123456 qwerty2023
    qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 qwertyuiop[] qwertzuiop realmadrid realmadrid1 samsung123
    samsung1234 secret1234 secret12345 shadow1234 shopping123 spiderman1 spiderman123 spring2023 spring2024
    starwars123 stephanie1 strawberry summer2022 summer2023 summer2024 summer2025 sunshine12 sunshine123 sunshine1234
    superman123 supersecret temp123456 temppassword test123456 tester1234 testing123 testing1234 testtest12
    testtest123 thepassword topsecret1 trustno1trustno1 welcome123 welcome123! welcome1234 welcome2022 welcome2023
    welcome2024 welcome2025 welcome@123 whatever123 winter2022 winter2023 winter2024 winter2025 yourpassword
    zaq12wsxcde3 zxcvbnm,./ zxcvbnm123 zxcvbnm1234
    """.split()  # noqa: SIM905 - as a list it would fill three hundred lines.
) | {"correct horse battery staple"}
