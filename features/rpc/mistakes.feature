@rpc
Feature: Wrong logins and wrong requests
  A wrong login obtains no token, and does not show which accounts exist. Over
  HTTP it can be wrong in the data alone, or in the Basic credentials too.

  @RPC-12 @guess @needs:http
  Scenario: Over HTTP right Basic with a wrong password in the data obtains no token
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When the full account logs in over HTTP with right Basic and a wrong password in the data
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over HTTP

  @RPC-12 @guess @needs:http
  Scenario: Over HTTP a wrong password in Basic and in the data obtains no token
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When the full account logs in over HTTP with a wrong password in Basic and in the data
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over HTTP

  @RPC-12 @guess @needs:grpc
  Scenario: Over gRPC a wrong password obtains no token
    Given the throttle is reset
    And the right password obtains a token over gRPC
    When the full account logs in over gRPC with a wrong password
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over gRPC

  @RPC-12 @guess @needs:http
  Scenario Outline: Over HTTP a password that is nearly right, beside right Basic, obtains no token: <what>
    Given the throttle is reset
    When the full account logs in over HTTP with <what>
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over HTTP

    Examples:
      | what                                    |
      | an empty password                       |
      | the right password and one letter more  |
      | the right password less its last letter |
      | the right password in other letter case |
      | the right password and a space          |
      | a space and the right password          |

  @RPC-12 @guess @needs:grpc
  Scenario Outline: Over gRPC a password that is nearly right obtains no token: <what>
    Given the throttle is reset
    When the full account logs in over gRPC with <what>
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over gRPC

    Examples:
      | what                                    |
      | an empty password                       |
      | the right password and one letter more  |
      | the right password less its last letter |
      | the right password in other letter case |
      | the right password and a space          |
      | a space and the right password          |

  @RPC-12 @needs:http
  Scenario: Over HTTP right Basic with an unknown user in the data obtains no token
    When an unknown account logs in over HTTP beside right Basic
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over HTTP

  @RPC-12 @needs:grpc
  Scenario: Over gRPC an unknown user obtains no token
    When an unknown account logs in over gRPC
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over gRPC

  @RPC-13 @guess @needs:http
  Scenario: Beside right Basic an unknown user and a wrong password are indistinguishable
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When wrong passwords and unknown users are sent over HTTP beside right Basic
    Then both kinds of refusal are indistinguishable

  @RPC-13 @guess @needs:http
  Scenario: In Basic and in the data an unknown user and a wrong password are indistinguishable
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When wrong passwords and unknown users are sent over HTTP in Basic and in the data
    Then both kinds of refusal are indistinguishable

  @RPC-13 @guess @needs:grpc
  Scenario: Over gRPC an unknown user and a wrong password are indistinguishable
    Given the throttle is reset
    And the right password obtains a token over gRPC
    When wrong passwords and unknown users are sent over gRPC
    Then both kinds of refusal are indistinguishable

  @RPC-20
  Scenario Outline: <mistake> is answered with a 4xx or 501
    When the full account sends <body> over HTTP
    Then it is refused with a 4xx or 501
    And no token is in the answer
    But the right password obtains a token over HTTP

    Examples:
      | mistake                               | body                                                                             |
      | A method that does not exist          | {"method":"axxonsoft.bl.auth.AuthenticationService.NoSuchMethod","data":{}}      |
      | A service that does not exist         | {"method":"axxonsoft.bl.auth.NoSuchService.AuthenticateEx","data":{}}            |
      | A method without a service            | {"method":"AuthenticateEx","data":{}}                                            |
      | A missing method                      | {"data":{}}                                                                      |
      | A method that is a number             | {"method":7,"data":{}}                                                           |
      | Malformed JSON                        | {"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{      |
      | A list for the object                 | ["axxonsoft.bl.auth.AuthenticationService.AuthenticateEx"]                       |
      | A text for the data                   | {"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":"x"}   |
      | A list for the data                   | {"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":["x"]} |
      | A number for the user name            | {"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":7,"password":"x"}} |
      | An object for the password            | {"method":"axxonsoft.bl.auth.AuthenticationService.AuthenticateEx","data":{"user_name":"x","password":{}}} |
      | No JSON at all                        | method=axxonsoft.bl.auth.AuthenticationService.AuthenticateEx                    |

  @RPC-20 @needs:rest
  Scenario Outline: Over REST <mistake> is answered with a 4xx or 501
    When the full account sends <body> to the login over REST
    Then it is refused with a 4xx or 501
    And no token is in the answer
    But AuthenticateEx2 is called over REST with the full account's password
    And it is accepted

    Examples:
      | mistake                   | body                           |
      | malformed JSON            | {"user_name":"x","password":   |
      | a list for the object     | ["x"]                          |
      | a text for the object     | "x"                            |
      | a number for the name     | {"user_name":7,"password":"x"} |
      | an object for the password | {"user_name":"x","password":{}} |
