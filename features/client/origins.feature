Feature: Where credentials go
  Passwords and tokens go to the server that they are for, in the place that the dialect says, and nowhere else.

  @session @form @rpc @scoped @CLI-40
  Scenario: A token does not follow a redirect to another host
    Given a client that has made a call
    And the next call is redirected to another host
    When the client makes a call
    Then no credential has reached another origin

  @session @form @rpc @scoped @CLI-41
  Scenario: A token does not follow a redirect to another port
    Given a client that has made a call
    And the next call is redirected to another port
    When the client makes a call
    Then no credential has reached another origin

  @session @form @rpc @scoped @CLI-42
  Scenario Outline: A password does not follow a redirect of the login
    Given the next login is redirected to another host <how>
    When the client makes a call
    Then no credential has reached another origin

    Examples:
      | how            |
      | as it is (307) |
      | permanently (308) |

  @session @form @rpc @scoped @CLI-43 @needs:body
  Scenario: A body does not follow a redirect to another host
    Given a client that has made a call
    And the next call is redirected to another host
    When the client makes a call with a body of 100 bytes
    Then no body has reached another origin

  @session @form @rpc @scoped @CLI-44
  Scenario: A redirect within the server is followed with the token
    Given a client that has made a call
    And the next call is redirected within the server
    When the client makes a call
    Then it is answered 200
    And the server has seen exactly 0 more exchanges

  @session @form @rpc @scoped @CLI-45 @needs:tls
  Scenario: A token does not follow a redirect to plain http
    Given a server with TLS
    And a client that has made a call
    And the next call is redirected to plain http
    When the client makes a call
    Then no credential has reached another origin

  @session @form @rpc @scoped @CLI-46
  Scenario: A server whose certificate is not trusted gets nothing
    Given a server whose certificate the client does not trust
    When the client makes a call
    Then nothing has reached the server

  @session @form @rpc @scoped @CLI-47
  Scenario: No token stands in a URL
    Given a client that has replaced its token
    When the client makes a call
    Then no token stands in a URL

  @session @form @rpc @scoped @CLI-48
  Scenario: The password goes to the login only
    Given a client that has replaced its token
    When the client makes a call
    Then the password stands in no request but logins

  @session @form @rpc @scoped @CLI-49 @needs:process
  Scenario: What a client prints about calls holds no secret
    Given a client that has made a call
    When the token expires at the server
    And the client makes a call
    And every call is answered 500
    And the client makes a call
    Then nothing that the client has printed holds a secret

  @session @form @rpc @scoped @CLI-49 @needs:process
  Scenario: What a client prints about a refused password is not the password
    Given the next login is refused
    When the client makes a call
    Then nothing that the client has printed holds a secret

  @session @form @rpc @scoped @CLI-50 @needs:process
  Scenario: A client that prints as much as it can prints no secret
    Given a client that prints as much as it can
    And a client that has made a call
    When the token expires at the server
    And the client makes a call
    Then nothing that the client has printed holds a secret
